import { messageChannel, type InstanceRef, type MessageEvent } from '../channels.js';

/**
 * Tells the diagnostics channel what became of the messages of one subscription. While nobody listens a message costs one
 * look at a boolean, and neither a clock nor an object.
 */
export class MessageTrace {
  constructor(
    private readonly ref: InstanceRef,
    private readonly pattern: string,
  ) {}

  /** A message that no handler got. */
  unhandled(outcome: 'dropped' | 'broken' | 'late-dropped', late: boolean): void {
    if (messageChannel.hasSubscribers) this.tell(outcome, late, 0);
  }

  /** A message on its way to so many handlers; undefined while nobody listens. */
  begin(late: boolean, handlers: number): TracedMessage | undefined {
    if (!messageChannel.hasSubscribers) return undefined;
    return new TracedMessage(handlers, (failed, duration) => {
      this.tell(failed ? 'failed' : 'handled', late, duration);
    });
  }

  private tell(outcome: MessageEvent['outcome'], late: boolean, duration: number): void {
    const event: MessageEvent = { ...this.ref, pattern: this.pattern, outcome, late, duration };
    messageChannel.publish(event);
  }
}

/** One message in its handlers. */
export class TracedMessage {
  readonly #begunAt = performance.now();
  #failed = false;

  /** @param onEnd is called when the last of the handlers has ended */
  constructor(
    private running: number,
    private readonly onEnd: (failed: boolean, duration: number) => void,
  ) {}

  /** One handler has ended: its promise settled, its Observable completed or failed. */
  ended(failed: boolean): void {
    this.#failed ||= failed;
    this.running -= 1;
    if (this.running === 0) this.onEnd(this.#failed, performance.now() - this.#begunAt);
  }

  /** None of them will run. */
  cancelled(): void {
    this.running = 1;
    this.ended(true);
  }
}
