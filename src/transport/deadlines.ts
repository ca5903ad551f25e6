/** Sweeps within one timeout: how exact it is, and how much of it a stall of the event loop can cost. */
const SWEEPS = 10;

/**
 * Ends what waits longer than a timeout that is the same for all, with one timer for any number of them. It elapses between
 * the timeout and a tenth more. A stall of the event loop, however long, counts as one sweep, and sockets are read before
 * anything ends: what is answered already does not fail.
 */
export class Deadlines<T> {
  /** In the order of their ends, because all have the same timeout. */
  readonly #endsAt = new Map<T, number>();
  #sweep = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  /**
   * @param timeout milliseconds; `Infinity` for none
   * @param onElapsed is called once for each that was not removed in time
   */
  constructor(
    private readonly timeout: number,
    private readonly onElapsed: (one: T) => void,
  ) {}

  add(one: T): void {
    if (this.timeout === Infinity) return;
    this.#endsAt.set(one, this.#sweep + SWEEPS + 1);
    this.#timer ??= setInterval(() => {
      clearImmediate(this.#turn);
      this.#turn = setImmediate(this.sweep);
    }, this.timeout / SWEEPS);
  }

  remove(one: T): void {
    this.#endsAt.delete(one);
  }

  /** Nothing ends any more. */
  clear(): void {
    this.#endsAt.clear();
    this.rest();
  }

  private readonly sweep = (): void => {
    this.#sweep += 1;
    for (const [one, endsAt] of this.#endsAt) {
      if (endsAt > this.#sweep) break;
      this.#endsAt.delete(one);
      this.onElapsed(one);
    }
    if (this.#endsAt.size === 0) this.rest();
  };

  private rest(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
  }
}
