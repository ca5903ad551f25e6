import { Fifo } from './fifo.js';

/** Limits of one lane, resolved. */
export interface LaneLimits {
  readonly concurrency: number;
  readonly maxPending: number;
  readonly overflow: 'drop-oldest' | 'drop-newest';
}

/** An overflow that is being reported; the monitor's gap fits. */
export interface Overflow {
  drop(count?: number): void;
  close(): void;
}

/** Milliseconds of starting what waited before the event loop gets a turn, so that one backlog starves nobody. */
const SLICE = 10;

/**
 * Bounds what happens between a subscription and its handler: `concurrency` messages in handlers, `maxPending` waiting, the
 * rest dropped within one overflow. Where only `maxPending` is given, it bounds the messages in handlers as well, because
 * nothing would ever wait otherwise. The order of arrival is the order of starting.
 */
export class Lane<T> {
  readonly #waiting = new Fifo<T>();
  readonly #concurrency: number;
  #running = 0;
  #sliceEndsAt: number;
  #isStarting = false;
  #resumption: NodeJS.Immediate | undefined;
  #overflow: Overflow | undefined;
  #dropped = 0;

  /**
   * @param start hands a message to its handler, synchronously; it must not throw, and `finished()` follows each start
   * @param openOverflow is called at the first drop of an overflow, with the message dropped
   * @param onDrop is called with each message dropped
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    private readonly limits: LaneLimits,
    private readonly start: (message: T) => void,
    private readonly openOverflow: (first: T) => Overflow,
    private readonly onDrop: (message: T) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#sliceEndsAt = now() + SLICE;
    this.#concurrency = limits.concurrency === Infinity ? Math.max(1, limits.maxPending) : limits.concurrency;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  offer(message: T): void {
    if (this.#running < this.#concurrency && this.#waiting.length === 0) {
      this.run(message);
      return;
    }
    if (this.#waiting.length >= this.limits.maxPending) {
      const oldest = this.limits.overflow === 'drop-oldest' ? this.#waiting.shift() : undefined;
      this.drop(oldest ?? message);
      if (oldest === undefined) return;
    }
    this.#waiting.push(message);
  }

  /** One started message is through. */
  finished(): void {
    this.#running -= 1;
    this.startWaiting();
    this.endOverflow();
  }

  /** Nothing that waits will start any more. Answers how many messages that were. */
  clear(): number {
    const count = this.#waiting.length;
    this.#waiting.clear();
    clearImmediate(this.#resumption);
    this.#resumption = undefined;
    this.endOverflow();
    return count;
  }

  private run(message: T): void {
    this.#running += 1;
    this.start(message);
  }

  /** A handler may be through before it returns: then the loop below goes on, instead of one within it. */
  private startWaiting(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#running < this.#concurrency && this.#waiting.length > 0 && !this.#resumption) {
      if (this.now() > this.#sliceEndsAt) this.#resumption = setImmediate(this.resume);
      else this.run(this.#waiting.shift() as T);
    }
    this.#isStarting = false;
  }

  private readonly resume = (): void => {
    this.#resumption = undefined;
    this.#sliceEndsAt = this.now() + SLICE;
    this.startWaiting();
    this.endOverflow();
  };

  private drop(message: T): void {
    this.#dropped += 1;
    this.onDrop(message);
    this.#overflow ??= this.openOverflow(message);
    this.#overflow.drop();
  }

  /** An overflow is over when less than half of what may wait is waiting. */
  private endOverflow(): void {
    if (!this.#overflow || (this.#waiting.length > 0 && this.#waiting.length >= this.limits.maxPending / 2))
      return;
    this.#overflow.close();
    this.#overflow = undefined;
  }
}
