import type { Cell } from './results.js';
import { type Spread, spreadWords } from '../shared/spread.js';

/** Seconds with one decimal, or `never`. */
export function seconds(value: number): string {
  return value === Infinity ? 'never' : value.toFixed(1);
}

/** Deafness as a table shows it, and how the process ended where it did. */
export function deafWords({ deaf, died }: Cell): string {
  const words = spreadWords(deaf, seconds);
  return died.length === 0 ? words : `${words}, ${diedWords(died)}`;
}

/** A number of messages as a table shows it. */
export function countWords(spread: Spread): string {
  return spreadWords(spread, (value) => String(Math.round(value)));
}

/** As `exit 1`, or `exit 1 in 2 of 3`. */
export function endWords(died: readonly string[], rounds: number): string {
  if (died.length === 0) return 'no';
  return died.length === rounds ? diedWords(died) : `${diedWords(died)} in ${died.length} of ${rounds}`;
}

function diedWords(died: readonly string[]): string {
  return [...new Set(died)].join(' / ');
}

/** As `1 round` or `3 rounds`. */
export function roundWords(rounds: number): string {
  return rounds === 1 ? '1 round' : `${rounds} rounds`;
}
