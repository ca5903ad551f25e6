import { poll } from '../../src/testing/poll.js';

/** Collects what comes in, and lets a test wait for it. */
export class Collector<T> {
  /** What has come, in its order. */
  readonly items: T[] = [];

  /** To be passed on as a callback. */
  readonly add = (item: T): void => {
    this.items.push(item);
  };

  /**
   * Resolves with the first item that fits, past or future.
   *
   * @param deadline milliseconds after which it rejects
   */
  async first(fits: (item: T) => boolean, deadline = 5_000): Promise<T> {
    const at = await poll(
      () => {
        const index = this.items.findIndex(fits);
        return index === -1 ? undefined : { index };
      },
      { deadline, what: 'an item that fits' },
    );
    return this.items[at.index] as T;
  }

  /**
   * Resolves with all items once there are so many.
   *
   * @param deadline milliseconds after which it rejects
   */
  async atLeast(count: number, deadline = 5_000): Promise<readonly T[]> {
    return poll(() => this.items.length >= count && this.items, { deadline, what: `${count} items` });
  }
}
