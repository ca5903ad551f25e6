import { isObservable } from 'rxjs';

/**
 * Waits for what a handler of events gives back: a value, a promise, an Observable (which is subscribed), or a promise of one.
 * One instance serves any number of messages, so that a message costs no closure.
 */
export class EventOutcome {
  /**
   * @param onDone is called once per result
   * @param onFailed is called instead of `onDone` where the result is a failure
   */
  constructor(
    private readonly onDone: () => void,
    private readonly onFailed: (error: unknown, source: 'handler' | 'stream') => void,
  ) {}

  watch(result: unknown): void {
    if (isPromiseLike(result)) result.then(this.onValue, this.fail);
    else this.onValue(result);
  }

  private readonly onValue = (value: unknown): void => {
    if (!isObservable(value)) {
      this.onDone();
      return;
    }
    try {
      value.subscribe(this.observer);
    } catch (error) {
      this.onFailed(error, 'stream');
    }
  };

  /** The handler threw before it gave anything back. */
  readonly fail = (error: unknown): void => this.onFailed(error, 'handler');

  private readonly observer = {
    complete: (): void => this.onDone(),
    error: (error: unknown): void => this.onFailed(error, 'stream'),
  };
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise || typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
  );
}
