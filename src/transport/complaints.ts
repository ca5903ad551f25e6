/** Milliseconds of silence after a complaint, per kind. */
const QUIET = 1_000;

export interface ComplaintLogger {
  warn(message: string): void;
}

/** What can be wrong with one message. */
export type ComplaintKind =
  /** Larger than `maxPayloadBytes`: dropped. */
  | 'oversized'
  /** The deserializer failed: dropped. */
  | 'undecodable'
  /** The handler threw, rejected, or its Observable ended with an error. */
  | 'handlerFailed'
  /** A reply could not be written or published. */
  | 'replyFailed'
  /** Dropped by `dispatch.overflow`. */
  | 'overflowed'
  /** A reply to a request of this client that waits no longer: it timed out, was cancelled, or has its last reply. */
  | 'strayReply';

/** Counts what goes wrong with single messages, and speaks of each kind at most once a second. */
export class Complaints {
  readonly #kinds = new Map<ComplaintKind, { count: number; unsaid: number; quietUntil: number }>();

  /** @param now milliseconds of a monotonic clock */
  constructor(
    private readonly logger: ComplaintLogger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  count(kind: ComplaintKind): void {
    this.entry(kind).count += 1;
  }

  /** Counts, and logs unless this kind was logged within the last second. */
  about(kind: ComplaintKind, describe: () => string): void {
    const entry = this.entry(kind);
    entry.count += 1;
    const now = this.now();
    if (now < entry.quietUntil) {
      entry.unsaid += 1;
      return;
    }
    const more = entry.unsaid > 0 ? ` (and ${entry.unsaid} more like it since the last such line)` : '';
    entry.unsaid = 0;
    entry.quietUntil = now + QUIET;
    this.logger.warn(describe() + more);
  }

  /** How often each kind happened; a kind that never did is absent. */
  counts(): Readonly<Partial<Record<ComplaintKind, number>>> {
    return Object.fromEntries([...this.#kinds].map(([kind, { count }]) => [kind, count]));
  }

  private entry(kind: ComplaintKind): { count: number; unsaid: number; quietUntil: number } {
    let entry = this.#kinds.get(kind);
    if (!entry) this.#kinds.set(kind, (entry = { count: 0, unsaid: 0, quietUntil: -Infinity }));
    return entry;
  }
}

/** One line of an error for a log. */
export function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : typeof error === 'string' ? error : JSON.stringify(error);
  } catch {
    return 'an error without words';
  }
}
