import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { format, resolveConfig } from 'prettier';
import { chart } from '../shared/chart.js';
import { spreadOf } from '../shared/spread.js';
import { EVENT_CASES } from './cases/events.js';
import { LOADS } from './cases/requests.js';
import { documentOf } from './document.js';
import { ASKED, PEERS } from './peers.js';
import type { Results } from './results.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const root = at('../..');
const kept = at('results.json');
const PAGE = at('../../docs/performance.md');
const EVENTS = at('../../docs/performance-events.svg');
const REQUESTS = at('../../docs/performance-requests.svg');

/** @throws Error where nothing was measured yet. */
export function readResults(): Results {
  return JSON.parse(readFileSync(kept, 'utf8')) as Results;
}

export function writeResults(results: Results): void {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  writeFileSync(kept, `${JSON.stringify(results, rounded, 1)}\n`);
}

/** Writes the document and its charts; gives their paths. */
export async function writeDocuments(results: Results): Promise<string[]> {
  const style = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(documentOf(results), { ...style, parser: 'markdown' }));
  writeFileSync(EVENTS, eventChart(results));
  writeFileSync(REQUESTS, requestChart(results));
  return [PAGE, EVENTS, REQUESTS].map((path) => relative(root, path));
}

function eventChart({ rounds, events }: Results): string {
  return chart({
    title: 'CPU of one event, in microseconds',
    subtitle: `Less is better. Median of ${rounds} rounds; thin lines from the least to the most.`,
    legend: Object.values(PEERS).map(({ title }) => title),
    unit: 'µs',
    step: 10,
    write: (value) => value.toFixed(1),
    // 64 KB are a matter of JSON.parse, and out of this scale.
    groups: EVENT_CASES.filter(({ key }) => key !== '64kb').map(({ key, title }) => ({
      title,
      bars: Object.keys(PEERS).map((peer) => {
        const result = events.find((each) => each.case === key && each.peer === peer);
        return result && spreadOf(result.cpu);
      }),
    })),
  });
}

function requestChart({ rounds, requests }: Results): string {
  return chart({
    title: 'Requests per second, in thousands',
    subtitle: `More is better. Client and server in one process. Median of ${rounds} rounds; thin lines from the least to the most.`,
    legend: Object.values(ASKED).map(({ title }) => title),
    unit: 'k',
    step: 10,
    write: (value) => value.toFixed(1),
    groups: LOADS.map(({ inFlight }) => ({
      title: `${inFlight} in flight`,
      bars: Object.keys(ASKED).map((peer) => {
        const result = requests.find((each) => each.inFlight === inFlight && each.peer === peer);
        return result && spreadOf(result.rate.map((rate) => rate / 1_000));
      }),
    })),
  });
}
