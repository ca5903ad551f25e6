import type { Engine } from '../../src/redis/engine.js';
import type { Link } from '../../src/redis/link.js';
import type { State } from '../../src/subscription/state.js';

/** The inside of an engine, as far as it is watched here. */
interface Inside {
  supervisor: { state: State; current: Link | null };
  report: { stepped: (state: State, ...rest: unknown[]) => void };
}

/** A server was listened to. */
interface Hold {
  link: Link;
  server: string;
  from: number;
  /** Until when it was the link that delivers; then it may have been kept. */
  currentTo: number;
  /** It was kept, with everything subscribed. */
  kept: boolean;
  /** When its last bytes came; while it is held, the link knows. */
  heardAt: number | null;
}

/**
 * Bytes that were on their way when a kept link ended count for nothing, and on a delayed link some are. TCP keeps the
 * order: what a server accepted that much earlier than the last byte came has come as well.
 */
const ON_THEIR_WAY = 1_000;

/** Remembers to which servers an engine held a link, and when. */
export class HeldLinks {
  private readonly holds: Hold[] = [];

  constructor(engine: Engine) {
    const { supervisor, report } = engine as unknown as Inside;
    const { stepped } = report;
    report.stepped = (state, ...rest) => {
      stepped.call(report, state, ...rest);
      this.follow(state, supervisor.current);
    };
    this.follow(supervisor.state, supervisor.current);
  }

  /**
   * Whether a link to this server was held from the first moment to the second. The link that delivers owes everything
   * until it ends; an old one that is kept owes what its connection still carried.
   */
  held(server: string, from: number, to: number): boolean {
    return this.holds.some((hold) => {
      const carried = (hold.heardAt ?? hold.link.heardAt ?? 0) - ON_THEIR_WAY;
      const until = hold.kept ? Math.max(hold.currentTo, carried) : hold.currentTo;
      return hold.server === server && hold.from <= from && to <= until;
    });
  }

  private follow({ current, kept }: State, link: Link | null): void {
    const now = performance.now();
    if (current && link && !this.holds.some((hold) => hold.link === link)) {
      const { server } = current;
      this.holds.push({ link, server, from: now, currentTo: Infinity, kept: false, heardAt: null });
    }
    for (const hold of this.holds) {
      const { id } = hold.link;
      if (id === current?.id) continue;
      // One that was refused what is wanted had its own gap, and has nothing to bring.
      if (hold.currentTo === Infinity) hold.kept = id === kept?.id && hold.link.sync.refused.size === 0;
      hold.currentTo = Math.min(hold.currentTo, now);
      if (id !== kept?.id) hold.heardAt ??= hold.link.heardAt ?? 0;
    }
  }
}
