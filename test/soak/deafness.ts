import type { Gap, GapCause } from '../../src/subscription/gap.js';
import { type Account, excused, touches } from './account.js';
import type { Fault } from './fault.js';

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

/** Where the machine is busy everything takes longer; what is judged is the gross. */
const SLACK = 3_000;

/**
 * What went unnoticed far beyond its bound, in one line each. Whoever cannot reach the Sentinels, or does not run, or
 * runs beside a master that they cannot reach, notices later; so long as the faults of that kind last together.
 */
export function grossDeafness(
  deafness: DeafnessByCause,
  maxSilence: Readonly<Partial<Record<string, number | null>>>,
  faults: readonly Fault[],
): string[] {
  const blinded = faults.reduce((sum, { kind, lasts, amount = 0 }) => {
    if (kind === 'loop-blocked') return sum + amount;
    return kind.startsWith('sentinel') || kind === 'isolated' || kind === 'cut-off' ? sum + lasts : sum;
  }, 0);
  // A link may have gone silent before it was closed, refused or handed over.
  const bounds = Object.values(maxSilence).map((bound) => bound ?? 0);
  const bound = Math.max(...bounds) + blinded + SLACK;
  return Object.entries(deafness)
    .filter(([, { unnoticed }]) => unnoticed > bound)
    .map(
      ([cause, { unnoticed }]) =>
        `deaf for ${unnoticed.toFixed(0)} ms without noticing (${cause}), bound ${bound}`,
    );
}
