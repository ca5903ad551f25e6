import type { Gap, GapCause } from '../../src/subscription/gap.js';
import { type Account, excused, touches } from './account.js';

/** The worst of one cause, in milliseconds. */
export interface Deafness {
  gaps: number;
  /** From the first message that was missed until every subscription was acknowledged again. */
  longest: number;
  /** From the first message that was missed until the gap was opened: deaf without knowing. */
  unnoticed: number;
}

export type DeafnessByCause = Partial<Record<GapCause, Deafness>>;

/**
 * Measures what was missed in each gap.
 *
 * @param openedAt when each gap was opened, by its id
 */
export function measureDeafness(account: Account, openedAt: ReadonlyMap<number, number>): DeafnessByCause {
  const result: DeafnessByCause = {};
  const missed = excused(account);
  for (const gap of account.gaps) {
    const first = missed.find((message) =>
      account.subscriptions.some(({ name }) => touches(gap, name, message)),
    );
    const worst = (result[gap.cause] ??= { gaps: 0, longest: 0, unnoticed: 0 });
    worst.gaps += 1;
    if (!first) continue;
    worst.longest = Math.max(worst.longest, (gap.to ?? performance.now()) - first.at);
    worst.unnoticed = Math.max(worst.unnoticed, (openedAt.get(gap.id) ?? first.at) - first.at);
  }
  return result;
}

/** The worst of both. */
export function mergeDeafness(left: DeafnessByCause, right: DeafnessByCause): DeafnessByCause {
  const result: DeafnessByCause = { ...left };
  for (const [cause, more] of Object.entries(right) as [Gap['cause'], Deafness][]) {
    const known = result[cause] ?? { gaps: 0, longest: 0, unnoticed: 0 };
    result[cause] = {
      gaps: known.gaps + more.gaps,
      longest: Math.max(known.longest, more.longest),
      unnoticed: Math.max(known.unnoticed, more.unnoticed),
    };
  }
  return result;
}
