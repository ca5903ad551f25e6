import { parseArgs } from 'node:util';

import type { Lane } from './lane.js';
import { LANES } from './lanes.js';
import { writeTable } from './table.js';

const HELP = `Tries what npm would publish in the corners of all that is supported.

    npm run test:matrix                    every lane, one after another; writes the table of CONTRIBUTING.md
    npm run test:matrix -- newest oldest   some of them; writes their rows
    npm run test:matrix -- --quick         those that npm test runs, side by side; writes nothing

Lanes: ${LANES.map(({ name }) => name).join(', ')}`;

const results = new Map<string, string>();

/** Gives the exit code of the program. */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const unknown = positionals.filter((name) => !LANES.some((lane) => lane.name === name));
  if (values.help || unknown.length > 0) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  // What is in temporary folders goes with the process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  if (values.quick) {
    await Promise.all(LANES.filter(({ quick }) => quick).map(tryLane));
  } else {
    const chosen = LANES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    for (const lane of chosen) await tryLane(lane);
    await writeTable(LANES, results);
  }
  return [...results.values()].every((result) => result.startsWith('passed')) ? 0 : 1;
}

async function tryLane(lane: Lane): Promise<void> {
  const start = performance.now();
  const error = await lane.run().then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  const result = `${error ? 'failed' : 'passed'}, ${Math.round((performance.now() - start) / 1000)} s`;
  results.set(lane.name, result);
  console.log(`${lane.name.padEnd(20)} ${result}${error ? `\n${error.stack ?? error.message}` : ''}`);
}
