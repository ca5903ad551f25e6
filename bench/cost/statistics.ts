import { type Spread, spreadOf } from '../shared/spread.js';

/** The value below which so large a part of them lies (nearest rank). */
export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}

/** How often one is the other, round by round, so that what slows a whole round does not count. */
export function ratioOf(ones: readonly number[], others: readonly number[]): Spread {
  return spreadOf(ones.map((one, round) => one / (others[round] ?? NaN)));
}
