/** Unfinished messages at which an unlimited instance says once that it falls behind. */
const WARN_AT = 10_000;

/**
 * How many messages were taken and are not finished: waiting for a handler, in one, or with a reply on its way. A number and
 * nothing else per message, because most messages pass through without a limit.
 */
export class Workload {
  #unfinished = 0;
  #warned = false;
  #wakeDrained: (() => void) | undefined;

  /** @param warn is called once, when `WARN_AT` messages are unfinished */
  constructor(private readonly warn: (message: string) => void) {}

  get unfinished(): number {
    return this.#unfinished;
  }

  /** @param isBounded whether a limit keeps messages like this one from becoming too many */
  taken(isBounded: boolean): void {
    this.#unfinished += 1;
    if (this.#unfinished >= WARN_AT && !isBounded && !this.#warned) this.sayOnce();
  }

  /** `count` is for messages that were waiting and are dropped together. */
  finished(count = 1): void {
    this.#unfinished -= count;
    if (this.#unfinished === 0) this.#wakeDrained?.();
  }

  /** Resolves once nothing is unfinished, or after `timeout` milliseconds, with what is unfinished then. */
  async drained(timeout: number): Promise<number> {
    if (this.#unfinished > 0) {
      let deadline: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wakeDrained = resolve;
        deadline = setTimeout(resolve, timeout);
      });
      clearTimeout(deadline);
      this.#wakeDrained = undefined;
    }
    return this.#unfinished;
  }

  private sayOnce(): void {
    this.#warned = true;
    this.warn(
      `${WARN_AT} messages are pending: handlers are slower than what arrives, and memory grows. ` +
        `Bound it with dispatch: { concurrency, maxPending, overflow }, for the module or for a handler.`,
    );
  }
}
