import { appendFileSync } from 'node:fs';

import { HELP, readArguments, type SoakArguments, writeReplay } from './arguments.js';
import { type DeafnessByCause, mergeDeafness } from './deafness.js';
import { describeRun, describeTotal } from './print.js';
import { allViolations, type SoakOrder, type SoakResult } from './result.js';
import { runSoak } from './run-soak.js';
import { shrink } from './shrink.js';

const LINES_SHOWN = 60;

/** @returns the exit code of the process */
export async function main(args: readonly string[]): Promise<number> {
  let asked: SoakArguments | undefined;
  try {
    asked = readArguments(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (!asked) {
    console.log(HELP);
    return 0;
  }
  const waiting = [...asked.orders];
  const results: SoakResult[] = [];
  const broken: SoakOrder[] = [];
  const work = async (json: string | undefined): Promise<void> => {
    for (let order = waiting.shift(); order; order = waiting.shift()) {
      const result = await attempt(order);
      if (!result || allViolations(result).length > 0) broken.push(order);
      if (!result) continue;
      results.push(result);
      console.log(describeRun(order, result));
      if (json !== undefined) appendFileSync(json, `${JSON.stringify(withoutLines(result))}\n`);
    }
  };
  await Promise.all(Array.from({ length: asked.parallel }, () => work(asked.json)));
  const deafness = results.reduce<DeafnessByCause>((worst, one) => mergeDeafness(worst, one.deafness), {});
  console.log(`\n${describeTotal(results, deafness)}`);
  for (const order of broken) await shorten(order, asked.reruns);
  if (broken.length > 0) console.error(`\nBroken: the seeds ${broken.map(({ seed }) => seed).join(', ')}`);
  return broken.length > 0 ? 1 : 0;
}

async function attempt(order: SoakOrder): Promise<SoakResult | undefined> {
  try {
    return await runSoak(order);
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

/** Looks for the shortest series that still breaks a promise, and prints it so that it can be replayed. */
async function shorten(order: SoakOrder, reruns: number): Promise<void> {
  let words: string[] = [];
  const fails = async (series: SoakOrder['series']): Promise<boolean> => {
    const result = await attempt({ ...order, series });
    const found = result ? allViolations(result) : [{ series: -1, what: 'no result' }];
    if (found.length > 0) {
      const lines = result?.series.at(-1)?.lines ?? [];
      words = [...found.map(({ what }) => what), ...lines.slice(-LINES_SHOWN).map((line) => `log: ${line}`)];
    }
    return found.length > 0;
  };
  const faults = order.series.flatMap((one, index) => one.map((fault) => ({ index, fault })));
  const shortest = await shrink(
    faults,
    (part) =>
      fails(
        order.series
          .map((_, index) => part.filter((one) => one.index === index).map(({ fault }) => fault))
          .filter((one) => one.length > 0),
      ),
    reruns,
  );
  const series = order.series
    .map((_, index) => shortest.filter((one) => one.index === index).map(({ fault }) => fault))
    .filter((one) => one.length > 0);
  console.error(
    `\nseed ${order.seed}: the shortest series found that breaks a promise has ${shortest.length} faults`,
  );
  for (const line of words) console.error(`  ${line}`);
  console.error(`  npm run soak -- --replay '${writeReplay({ ...order, series })}'`);
}

/** The log is for the reader of a failed run. */
function withoutLines(result: SoakResult): SoakResult {
  return { ...result, series: result.series.map((one) => ({ ...one, lines: [] })) };
}
