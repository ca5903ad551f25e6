/** A message that a server accepted. Moments in milliseconds, all on one clock. */
export interface AcceptedMessage {
  n: number;
  sentAt: number;
  at: number;
}

/** A message that reached the application. */
export interface HeardMessage {
  n: number;
  at: number;
}

/** The stretch of time that is looked at. */
export interface Watch {
  /** When the fault struck. */
  struckAt: number;
  endedAt: number;
}

/** What a fault did to one subscriber, once. */
export interface Outcome {
  /** Seconds of the longest silence; Infinity where the silence lasted until the end. */
  deaf: number;
  /** Messages accepted and never heard. */
  lost: number;
  /** Messages heard more than a second after they were accepted. */
  late: number;
  /** Messages heard more than once. */
  twice: number;
  /** How the process ended, `null` where it did not. */
  died: string | null;
}

/** A silence as long as this at the end counts as one that does not end. */
const STILL_SILENT = 3_000;
const LATE_AFTER = 1_000;
/** Messages sent so shortly before the fault count, too. */
const LEAD = 500;

/** What became of the messages of one watch at one subscriber. */
export function measure(
  accepted: readonly AcceptedMessage[],
  heard: readonly HeardMessage[],
  died: string | null,
  watch: Watch,
): Outcome {
  const counted = accepted.filter(({ sentAt }) => sentAt >= watch.struckAt - LEAD && sentAt <= watch.endedAt);
  const moments = new Map<number, number[]>();
  for (const { n, at } of heard) moments.set(n, [...(moments.get(n) ?? []), at]);
  const each = counted.map(({ n, at }) => ({ at, heardAt: moments.get(n) ?? [] }));
  return {
    deaf: died === null ? longestSilence(heard, watch) : Infinity,
    lost: each.filter(({ heardAt }) => heardAt.length === 0).length,
    late: each.filter(({ at, heardAt: [first] }) => first !== undefined && first - at > LATE_AFTER).length,
    twice: each.filter(({ heardAt }) => heardAt.length > 1).length,
    died,
  };
}

/** The longest time between two messages, in seconds; Infinity where the last silence does not end. */
export function longestSilence(heard: readonly { at: number }[], { struckAt, endedAt }: Watch): number {
  let last = struckAt;
  let longest = 0;
  for (const { at } of heard) {
    if (at < struckAt) continue;
    if (at > endedAt) break;
    longest = Math.max(longest, at - last);
    last = at;
  }
  return endedAt - last > STILL_SILENT ? Infinity : longest / 1_000;
}
