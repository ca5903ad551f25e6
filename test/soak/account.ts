import type { Gap } from '../../src/subscription/gap.js';
import { violations } from '../support/violations.js';
import type { Handled, WantedSubscription } from '../support/subscriber.js';
import type { Sent, Stream } from './traffic-order.js';

/** Everything that happened in a series, on one clock. */
export interface Account {
  streams: readonly Stream[];
  subscriptions: readonly WantedSubscription[];
  /** What was published in the series. */
  sent: readonly Sent[];
  /** Which of them the promise is about. */
  covers: (message: Sent) => boolean;
  handled: readonly Handled[];
  gaps: readonly Gap[];
}

/** Says what is wrong with an account, in one line each. */
export function faultsOf(account: Account): string[] {
  return account.subscriptions.flatMap((subscription) =>
    account.streams.flatMap((stream, index) => {
      if (!hears(subscription, stream)) return [];
      const sent = account.sent.filter((message) => message.stream === index);
      return isNumbered(stream)
        ? numbered(account, subscription, stream, sent)
        : identical(account, subscription, stream, sent);
    }),
  );
}

/** The covered messages that one subscription at least did not handle: the gaps are there for them. */
export function excused(account: Account): Sent[] {
  const times = new Map<number, number>();
  for (const { n } of account.handled) times.set(n, (times.get(n) ?? 0) + 1);
  return account.sent.filter((message) => {
    const stream = account.streams[message.stream];
    if (!stream || !isNumbered(stream) || !message.accepted || !account.covers(message)) return false;
    return (times.get(message.n) ?? 0) < account.subscriptions.filter((one) => hears(one, stream)).length;
  });
}

/** A pattern ends with its only `*`. */
function hears({ kind, name }: WantedSubscription, { channel }: Stream): boolean {
  return kind === 'channel' ? channel === name : channel.startsWith(name.slice(0, -1));
}

function isNumbered({ payload }: Stream): boolean {
  return payload.includes('%n');
}

function numbered(
  { handled, gaps, covers }: Account,
  { name }: WantedSubscription,
  { channel }: Stream,
  sent: readonly Sent[],
): string[] {
  const byNumber = new Map(sent.map((message) => [message.n, message]));
  const heard = handled.filter(({ subscription, n }) => subscription === name && byNumber.has(n));
  const accepted = sent
    .filter((message) => message.accepted && covers(message))
    .map((message) => ({ ...message, receivers: NaN }));
  const common = { gaps, subscriptions: [name], since: -Infinity };
  // A message that nobody vouches for may be executed long after it was sent, so it has no place in the order.
  const [certain, uncertain] = split(heard, ({ n }) => byNumber.get(n)?.accepted === true);
  return [
    ...violations({ ...common, accepted, handled: certain }),
    ...violations({ ...common, accepted: [], handled: uncertain.sort((left, right) => left.n - right.n) }),
  ].map((words) => `${channel} on ${words}`);
}

/** Payloads that carry no number can only be counted. */
function identical(
  { handled, gaps, covers }: Account,
  { name }: WantedSubscription,
  { channel }: Stream,
  sent: readonly Sent[],
): string[] {
  const heard = handled.filter(({ subscription, n }) => subscription === name && Number.isNaN(n)).length;
  const owed = sent.filter(
    (message) => message.accepted && covers(message) && !gaps.some((gap) => touches(gap, name, message)),
  ).length;
  return [
    ...(heard > sent.length
      ? [`${channel} on ${name}: ${heard} identical messages handled, ${sent.length} published`]
      : []),
    ...(heard < owed ? [`${channel} on ${name}: ${heard} identical messages handled, ${owed} owed`] : []),
  ];
}

/** Whether Redis may have taken the message while the gap was open. */
export function touches({ from, to, patterns }: Gap, subscription: string, { sentAt, at }: Sent): boolean {
  const concerns = patterns.length === 0 || patterns.includes(subscription);
  return concerns && sentAt <= (to ?? Infinity) && at >= from;
}

function split<T>(all: readonly T[], fits: (one: T) => boolean): [T[], T[]] {
  return [all.filter(fits), all.filter((one) => !fits(one))];
}
