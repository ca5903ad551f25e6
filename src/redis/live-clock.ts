import { statusOf, type State } from '../subscription/state.js';
import type { Link } from './link.js';

/** Whether every wanted subscription is acknowledged on a link that is not given up, and since when. */
export class LiveClock {
  private live = false;
  private changedAt = performance.now();

  constructor(private readonly now: () => { readonly state: State; readonly link: Link | null }) {}

  isLive(): boolean {
    const { state, link } = this.now();
    const status = statusOf(state);
    return (status === 'live' || status === 'suspect') && link?.sync.refused.size === 0;
  }

  /** To be called after each change. */
  observe(): void {
    const live = this.isLive();
    if (live === this.live) return;
    this.live = live;
    this.changedAt = performance.now();
  }

  /** Milliseconds for which it has been what it is. */
  get since(): number {
    return performance.now() - this.changedAt;
  }

  /** Milliseconds without being live, 0 while it is. */
  get deafFor(): number {
    return this.isLive() ? 0 : this.since;
  }
}
