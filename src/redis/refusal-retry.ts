import type { Link } from './link.js';

/** Asks again for names that Redis refuses, because only a change on the server helps, and nobody tells of it. */
export class RefusalRetry {
  private timer: NodeJS.Timeout | undefined;

  /** @param delay milliseconds; half of it is jitter */
  constructor(private readonly delay: number) {}

  follow(link: Link): void {
    clearTimeout(this.timer);
    if (link.sync.refused.size === 0 && link.sync.control !== false) return;
    this.timer = setTimeout(
      () => {
        link.resync({ retryRefused: true });
      },
      this.delay * (0.5 + Math.random() / 2),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
