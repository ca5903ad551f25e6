import { COMPETITORS } from './competitors.js';
import { titleOf } from './faults.js';
import type { FaultRun, Row } from './results.js';
import { spreadWords } from '../shared/spread.js';
import { columns } from '../shared/terminal.js';
import { countWords, endWords, seconds } from './words.js';

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
