/** A measured quantity over the rounds. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/**
 * The median of the rounds with the extremes. `Infinity` stands for what never came.
 *
 * @throws RangeError without a value.
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : Number(a > b)));
  const middle = sorted.length >> 1;
  const [upper, lower] = [sorted[middle], sorted[sorted.length % 2 === 0 ? middle - 1 : middle]];
  if (upper === undefined || lower === undefined) throw new RangeError('a median needs at least one value');
  return {
    // Two infinities have no mean of their own.
    median: upper === lower ? upper : (lower + upper) / 2,
    least: sorted[0] ?? upper,
    most: sorted.at(-1) ?? upper,
  };
}

/** The median, with the extremes where they differ from it as written. */
export function spreadWords({ median, least, most }: Spread, write: (value: number) => string): string {
  const [middle, low, high] = [write(median), write(least), write(most)];
  return low === middle && high === middle ? middle : `${middle} (${low}–${high})`;
}
