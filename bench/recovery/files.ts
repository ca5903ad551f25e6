import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { format, resolveConfig } from 'prettier';
import { chart } from '../shared/chart.js';
import { COMPETITORS } from './competitors.js';
import { documentOf } from './document.js';
import { titleOf } from './faults.js';
import { deserialise, rowsOf, serialise, type Results } from './results.js';
import { roundWords, seconds } from './words.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const results = fileURLToPath(new URL('results.json', import.meta.url));
const docs = fileURLToPath(new URL('../../docs', import.meta.url));

/** @throws Error where nothing was measured yet. */
export function readResults(): Results {
  return deserialise(readFileSync(results, 'utf8'));
}

export function writeResults(measured: Results): void {
  writeFileSync(results, `${serialise(measured)}\n`);
}

/** Writes the document and its chart; gives their paths. */
export async function writeDocuments(measured: Results): Promise<string[]> {
  mkdirSync(docs, { recursive: true });
  const page = `${docs}/recovery.md`;
  const picture = `${docs}/recovery.svg`;
  const style = await resolveConfig(page);
  writeFileSync(page, await format(documentOf(measured), { ...style, parser: 'markdown' }));
  writeFileSync(
    picture,
    chart({
      title: 'Deaf after a fault, in seconds',
      subtitle: `Median of ${roundWords(measured.rounds)}; thin lines from the least to the most; hatched: not heard again while watched.`,
      unit: 's',
      step: 5,
      write: seconds,
      legend: COMPETITORS.map(({ title }) => title),
      groups: rowsOf(measured).map(({ fault, cells }) => ({
        title: titleOf(fault),
        bars: cells.map(({ deaf }) => deaf),
      })),
    }),
  );
  return [page, picture].map((path) => relative(root, path));
}
