import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { ROOT } from './command.js';
import type { Lane } from './lane.js';

/** Name of a lane → how it ended. */
export type Results = ReadonlyMap<string, string>;

export const DOCUMENT = join(ROOT, 'CONTRIBUTING.md');
const BEGIN = '<!-- matrix: written by npm run test:matrix -->';
const END = '<!-- end of the matrix -->';

/** The table as it stands in the document, without the results. */
export function shapeIn(document: string): string[] {
  return rowsIn(document).map((cells) => cells.slice(0, -1).join(' | '));
}

/** The table as the lanes want it, without the results. */
export function shapeOf(lanes: readonly Lane[]): string[] {
  return lanes.map((lane) => cellsOf(lane).join(' | '));
}

/** Writes the results into the document; those of lanes that did not run stay. */
export async function writeTable(lanes: readonly Lane[], results: Results): Promise<void> {
  const document = readFileSync(DOCUMENT, 'utf8');
  const earlier = new Map(rowsIn(document).map((cells) => [cells[0] ?? '', cells.at(-1) ?? '']));
  const rows = lanes.map((lane) => [
    ...cellsOf(lane),
    results.get(lane.name) ?? earlier.get(`\`${lane.name}\``) ?? 'not yet run',
  ]);
  const head = ['lane', 'Node', 'Nest', 'ioredis', 'server', 'what is run', '`npm test`', 'last result'];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const [before, after] = [document.indexOf(BEGIN), document.indexOf(END)];
  const text = `${document.slice(0, before)}${BEGIN}\n\n${lines.join('\n')}\n\n${document.slice(after)}`;
  writeFileSync(DOCUMENT, await format(text, { ...(await resolveConfig(DOCUMENT)), parser: 'markdown' }));
}

function cellsOf({ name, node, nest, ioredis, server, what, quick }: Lane): string[] {
  return [`\`${name}\``, node, nest, ioredis, server, what, quick ? 'yes' : ''];
}

function rowsIn(document: string): string[][] {
  const [before, after] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (before < 0 || after < before)
    throw new Error(`${DOCUMENT} has no place for the matrix: ${BEGIN} ... ${END}`);
  const lines = document.slice(before, after).split('\n');
  const table = lines.filter((line) => line.startsWith('|')).slice(2);
  return table.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
