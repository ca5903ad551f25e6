import type { Supervisor } from './supervisor.js';

/**
 * Watches the subscribed connection itself: PINGs it on schedule, opens a successor when an answer is overdue, and
 * reconnects when it does not come. Injectable, to ask for a check now.
 */
export class RedisResilientKeepAlive {
  constructor(
    private readonly supervisor: Supervisor,
    private readonly timeout: number,
  ) {}

  /** When bytes last came on the link, in milliseconds of `performance.now()`; `null` before the first link is live. */
  get lastHeard(): number | null {
    return this.supervisor.current?.heardAt ?? this.supervisor.state.current?.heardAt ?? null;
  }

  /**
   * The send time of the last PING that was answered on the link, in milliseconds of `performance.now()`; right after
   * a link became live, that of its SUBSCRIBE. `null` while there is no link.
   */
  get lastVerified(): number | null {
    return this.supervisor.state.current?.verifiedAt ?? null;
  }

  /**
   * PINGs the subscribed connection now.
   *
   * @returns whether it answered within `keepAlive.timeout`; `false` too while there is no live link. Never rejects.
   */
  async check(): Promise<boolean> {
    const link = this.supervisor.current;
    if (!link) return false;
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, this.timeout, false);
    });
    const answered = this.supervisor.verify(link).then(
      () => true,
      () => false,
    );
    return Promise.race([answered, overdue]).finally(() => {
      clearTimeout(timer);
    });
  }
}
