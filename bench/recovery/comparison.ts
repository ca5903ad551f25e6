import type { Cell, Row } from './results.js';
import { countWords, deafWords } from './words.js';

/** Differences up to this are the weather of the machine: seconds, and the messages of that time. */
export const TOLERANCE = { deaf: 0.3, lost: 15 };

/** How the others compare with the first competitor at one fault. */
export interface Comparison {
  fault: string;
  first: string;
  /** Heard again as soon, and lost as few, within the tolerance. */
  asGood: string[];
  /** Heard again sooner, or lost fewer, by more than the tolerance. */
  better: string[];
}

/** One comparison per fault. */
export function compare(rows: readonly Row[], titles: readonly string[]): Comparison[] {
  return rows.map(({ fault, cells }) => {
    const [first, ...others] = cells;
    if (!first) throw new RangeError(`nothing was measured of ${fault}`);
    const named = (fits: (cell: Cell) => boolean) =>
      others.flatMap((cell, index) => (fits(cell) ? `${titles[index + 1] ?? ''} (${inShort(cell)})` : []));
    return {
      fault,
      first: inShort(first),
      asGood: named((cell) => isAsGood(cell, first) && !isBetter(cell, first)),
      better: named((cell) => isBetter(cell, first)),
    };
  });
}

function isAsGood(cell: Cell, first: Cell): boolean {
  return (
    cell.deaf.median <= first.deaf.median + TOLERANCE.deaf &&
    cell.lost.median <= first.lost.median + TOLERANCE.lost
  );
}

function isBetter(cell: Cell, first: Cell): boolean {
  return (
    cell.deaf.median < first.deaf.median - TOLERANCE.deaf ||
    cell.lost.median < first.lost.median - TOLERANCE.lost
  );
}

function inShort(cell: Cell): string {
  return `${deafWords(cell)} s, ${countWords(cell.lost)} lost`.replace('never s', 'never');
}
