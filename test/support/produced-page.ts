import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';

/**
 * Expects that a page of `docs` holds what a test has found out, between `<!-- <part> -->` and `<!-- /<part> -->`. With
 * `REWRITE_DOCS` in the environment the page is written instead: `npm run docs:tables`.
 *
 * @param page name of the file in `docs`
 */
export function expectProduced(page: string, part: string, produced: string): void {
  const file = new URL(`../../docs/${page}`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${part} -->\n`, `<!-- /${part} -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`docs/${page} has no part "${part}".`);
  const wanted = `\n${produced}\n`;
  if (process.env['REWRITE_DOCS']) writeFileSync(file, text.slice(0, from) + wanted + text.slice(to));
  else expect(text.slice(from, to)).toBe(wanted);
}

/** A table as Prettier writes it. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(3, ...cells.map((row) => widthOf(row[column]))),
  );
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)));
    return `| ${padded.join(' | ')} |\n`;
  };
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}

const characters = new Intl.Segmenter();
/** Chinese and emoji take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Emoji_Presentation}/u;

function widthOf(text = ''): number {
  return [...characters.segment(text)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0);
}
