import type { BackoffBounds } from '../subscription/backoff.js';
import type { Link } from './link.js';

/** Asks again for names that Redis refuses, or could not answer for: nobody tells when it would. */
export class RefusalRetry {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly bounds: BackoffBounds) {}

  follow(link: Link): void {
    clearTimeout(this.timer);
    const { sync } = link;
    if (sync.isComplete && sync.control) return;
    // Only a change on the server helps against a refusal; a busy script ends by itself.
    const delay = sync.isSettled ? this.bounds.refusedDelay : this.bounds.maxDelay;
    this.timer = setTimeout(
      () => {
        link.resync({ retryRefused: true });
      },
      delay * (0.5 + Math.random() / 2),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
