import { resolveOptions, type RedisResilientOptions } from '../../src/options.js';
import { Engine, type SubscriptionKind } from '../../src/redis/engine.js';
import type { Gap } from '../../src/subscription/gap.js';
import { poll } from '../../src/testing/index.js';
import { Collector } from './collector.js';
import type { Publisher } from './publisher.js';

/** A message that reached a handler. */
export interface Handled {
  /** The name that is subscribed. */
  subscription: string;
  /** The number that the publisher gave it; NaN where it carries none. */
  n: number;
  late: boolean;
  /** When, on the clock of `performance.now()`. */
  at: number;
}

/** Whatever hears messages: our engine, or what it is compared with. */
export interface Listener {
  readonly handled: Collector<Handled>;
}

export interface WantedSubscription {
  kind: SubscriptionKind;
  name: string;
}

const HOUR = 3_600_000;

/** The part of a subscriber that a history is made of. */
export interface Recorded extends Listener {
  /** The last word about each gap. */
  readonly gaps: ReadonlyMap<number, Gap>;
  readonly subscriptions: readonly WantedSubscription[];
}

/** The negative control of everything that watches: the same engine, patient for an hour and without a canary. */
export const UNWATCHED = {
  keepAlive: { interval: HOUR, suspectAfter: HOUR, timeout: HOUR },
  canary: false,
} as const satisfies Partial<RedisResilientOptions>;

/** An engine without Nest, whose handlers, gaps and words are recorded. */
export class Subscriber implements Recorded {
  readonly handled = new Collector<Handled>();
  readonly gaps = new Map<number, Gap>();
  /** What the engine logged. */
  readonly lines: string[] = [];
  readonly engine: Engine;

  constructor(
    options: RedisResilientOptions,
    readonly subscriptions: readonly WantedSubscription[] = [{ kind: 'pattern', name: 'orders.*' }],
  ) {
    const add = (line: string): void => {
      this.lines.push(line);
    };
    this.engine = new Engine(resolveOptions(options), { log: add, warn: add, error: add });
    this.engine.monitor.gaps$.subscribe((gap) => this.gaps.set(gap.id, gap));
    for (const { kind, name } of subscriptions) {
      this.engine.subscribe(kind, name, (_channel, payload, late) => {
        const n = numberOf(payload);
        this.handled.add({ subscription: name, n, late, at: performance.now() });
      });
    }
  }

  /** Starts it, and waits until everything is acknowledged. */
  async live(): Promise<this> {
    this.engine.start();
    await this.becomes((snapshot) => snapshot.live);
    return this;
  }

  async becomes(
    fits: (snapshot: ReturnType<Subscriber['snapshot']>) => boolean,
    deadline = 10_000,
  ): Promise<void> {
    await poll(() => fits(this.snapshot()), { deadline, every: 2, what: 'the expected state of the engine' });
  }

  snapshot() {
    return this.engine.monitor.snapshot();
  }

  /** Those of one cause that are closed. */
  closedGaps(cause: Gap['cause']): Gap[] {
    return [...this.gaps.values()].filter((gap) => gap.cause === cause && gap.to !== null);
  }
}

/** Reads the number out of a payload `{"n":12,…}`. */
export function numberOf(payload: Buffer): number {
  const digits = /"n":(\d+)/.exec(payload.toString())?.[1];
  return digits === undefined ? NaN : Number(digits);
}

/** Resolves with the first message that was published after this moment and is handled. */
export async function heardAgain(
  listener: Listener,
  publisher: Publisher,
  since: number,
  deadline = 15_000,
): Promise<Handled> {
  const { n } = await publisher.accepted.first(({ sentAt }) => sentAt >= since, deadline);
  return listener.handled.first((message) => message.n >= n, deadline);
}

/**
 * Waits until messages were published for so many milliseconds since that moment.
 *
 * @returns how many of them were handled until then
 */
export async function heardWithin(
  listener: Listener,
  publisher: Publisher,
  since: number,
  milliseconds: number,
): Promise<number> {
  const deadline = milliseconds + 10_000;
  const { n: first } = await publisher.accepted.first(({ sentAt }) => sentAt >= since, deadline);
  await publisher.accepted.first(({ sentAt }) => sentAt >= since + milliseconds, deadline);
  return listener.handled.items.filter(({ n }) => n >= first).length;
}
