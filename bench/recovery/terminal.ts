import { COMPETITORS } from './competitors.js';
import { titleOf } from './faults.js';
import type { FaultRun, Row } from './results.js';
import { countWords, endWords, seconds, spreadWords } from './words.js';

/** Says what happens now, on one line that changes where the output is a terminal. */
export class Progress {
  private readonly live = process.stdout.isTTY;

  /** Replaces what was said last. */
  readonly say = (state: string): void => {
    if (this.live) process.stdout.write(`\r\x1b[K${state}`);
  };

  /** Prints lines that stay. */
  print(...lines: string[]): void {
    if (this.live) process.stdout.write('\r\x1b[K');
    console.log(lines.join('\n'));
  }
}

/** What one fault did to everybody, once. */
export function runLines(title: string, { mute, outcomes }: FaultRun): string[] {
  const lines = COMPETITORS.map(({ key, title: name }) => {
    const outcome = outcomes[key];
    if (!outcome) return [name];
    const { deaf, lost, late, twice, died } = outcome;
    return [name, `deaf ${seconds(deaf)}`, `lost ${lost}`, `late ${late}`, `twice ${twice}`, died ?? ''];
  });
  return [`${title} (nobody could publish for ${seconds(mute)} s)`, ...columns(lines)];
}

/** Everything, over the rounds. */
export function summaryLines(rows: readonly Row[], rounds: number): string[] {
  const head = ['', 'deaf (s)', 'lost', 'late', 'twice', 'died'];
  return rows.flatMap((row) => [
    '',
    titleOf(row.fault),
    ...columns([
      head,
      ...row.cells.map((cell, index) => [
        COMPETITORS[index]?.title ?? '',
        spreadWords(cell.deaf, seconds),
        countWords(cell.lost),
        countWords(cell.late),
        countWords(cell.twice),
        endWords(cell.died, rounds),
      ]),
    ]),
  ]);
}

function columns(lines: string[][]): string[] {
  const widths = lines.reduce<number[]>(
    (known, line) => line.map((text, index) => Math.max(known[index] ?? 0, text.length)),
    [],
  );
  return lines.map((line) =>
    `  ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join('   ')}`.trimEnd(),
  );
}
