import { parseArgs } from 'node:util';

import type { Fault } from './fault.js';
import { planSeries } from './plan.js';
import type { SoakOrder } from './result.js';

/** Milliseconds in which the faults of one series may begin. */
const LENGTH = 8_000;
/** What a series takes with everything around it, roughly: so many of them fill the minutes asked for. */
const WHOLE_SERIES = 15_000;

export const HELP = `Puts a real topology through a seeded random series of faults, and checks the whole history.

  npm run soak -- --seed 7 --minutes 2               several series, one after another, on one system
  npm run soak -- --seed 100 --runs 40 --parallel 4  the seeds 100 to 139, four at a time
  npm run soak -- --replay '<json>'                  what a failed run has printed

  --seed S      the first seed                                             (default: by the clock)
  --minutes M   about how long each run takes                              (default: 0.5)
  --runs N      so many runs, each with the next seed                      (default: 1)
  --parallel P  so many at a time                                          (default: 1)
  --reruns R    so many attempts to find a shorter series that breaks it   (default: 12)
  --without-hand-over   takes the hand-over out of the engine: the check must find messages that are handled twice
  --json FILE   writes what each run has measured, a line each`;

/** What the command line asks for. */
export interface SoakArguments {
  orders: SoakOrder[];
  parallel: number;
  reruns: number;
  json: string | undefined;
}

/**
 * Reads the command line.
 *
 * @returns nothing where only help is asked for
 * @throws Error that names the argument and what it must be
 */
export function readArguments(args: readonly string[]): SoakArguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string' },
      runs: { type: 'string' },
      parallel: { type: 'string' },
      reruns: { type: 'string' },
      json: { type: 'string' },
      replay: { type: 'string' },
      help: { type: 'boolean' },
      'without-hand-over': { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const runs = count('runs', values.runs, 1);
  const seed = count('seed', values.seed, Date.now() % 1_000_000);
  const series = Math.max(1, Math.round((positive('minutes', values.minutes, 0.5) * 60_000) / WHOLE_SERIES));
  const order = (index: number): SoakOrder =>
    values.replay === undefined ? orderFor(seed + index, series) : readReplay(values.replay);
  const withoutHandOver = values['without-hand-over'];
  return {
    orders: Array.from({ length: runs }, (_, index) => ({ ...order(index), withoutHandOver })),
    parallel: count('parallel', values.parallel, 1),
    reruns: count('reruns', values.reruns, 12, 0),
    json: values.json,
  };
}

/** The run that a seed determines. */
export function orderFor(seed: number, series: number, length = LENGTH): SoakOrder {
  return {
    seed,
    length,
    series: Array.from({ length: series }, (_, index) => planSeries(seed, index, length)),
  };
}

/** What {@link readArguments} takes for `--replay`. */
export function writeReplay({ seed, length, series }: SoakOrder): string {
  return JSON.stringify({ seed, length, series });
}

function readReplay(json: string): SoakOrder {
  const order = JSON.parse(json) as { seed: number; length: number; series: Fault[][] };
  if (!Array.isArray(order.series)) throw new Error('--replay wants what a failed run has printed.');
  return order;
}

function count(name: string, value: string | undefined, otherwise: number, least = 1): number {
  const number = value === undefined ? otherwise : Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${name} is ${value ?? ''}, and must be a whole number of at least ${least}.`);
}

function positive(name: string, value: string | undefined, otherwise: number): number {
  const number = value === undefined ? otherwise : Number(value);
  if (number > 0) return number;
  throw new Error(`--${name} is ${value ?? ''}, and must be a number above 0.`);
}
