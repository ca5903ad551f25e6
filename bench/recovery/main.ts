import { Lab } from './lab.js';
import type { Fault } from './faults.js';
import { readResults, writeDocuments, writeResults } from './files.js';
import { rowsOf, type FaultRun, type Results } from './results.js';
import { runFault } from './run-fault.js';
import { HELP, readSettings, type Settings } from './settings.js';
import { Progress } from '../shared/terminal.js';
import { readVersions } from '../shared/versions.js';
import { runLines, summaryLines } from './terminal.js';

const INTERRUPTED = 130;
const REDIS_PACKAGE = { 'redis (node-redis)': '../recovery/node_modules/redis' };
/** A noisy machine may fail to bring a lab up in time, and Sentinels may split their votes for longer than we watch. */
const ATTEMPTS = 3;

const progress = new Progress();
let lab: Lab | undefined;

/** Runs what the command line asks for; resolves with the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const settings = readSettings(args);
    if (settings.help) {
      console.log(HELP);
      return 0;
    }
    endOnSignals();
    const results = settings.render ? readResults() : await measureAll(settings);
    progress.print(...summaryLines(rowsOf(results), results.rounds));
    if (settings.write && !settings.render) writeResults(results);
    if (settings.write)
      progress.print('', ...(await writeDocuments(results)).map((file) => `written: ${file}`));
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await lab?.stop();
  }
}

async function measureAll(settings: Settings): Promise<Results> {
  const { rounds, cutOff } = settings;
  const runs: FaultRun[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const fault of settings.faults) {
      const name = `round ${round} of ${rounds}: ${fault.title}`;
      const run = await runOnce(fault, settings, name);
      runs.push(run);
      progress.print(...runLines(name, run));
    }
  }
  return {
    rounds,
    cutOff: cutOff / 1_000,
    versions: await readVersions(['@nestjs/microservices', 'ioredis'], REDIS_PACKAGE),
    runs,
  };
}

async function runOnce(fault: Fault, settings: Settings, name: string, attempt = 1): Promise<FaultRun> {
  lab = new Lab();
  try {
    const onProgress = (state: string) => progress.say(`${name}: ${state}`);
    return await runFault(lab, { fault, settings, loud: settings.loud, onProgress });
  } catch (error) {
    if (attempt === ATTEMPTS) throw error;
    progress.print(`${name}: ${String(error)}; once more`);
  } finally {
    await lab.stop();
  }
  return runOnce(fault, settings, name, attempt + 1);
}

function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      progress.print('', 'ending what was started');
      void lab?.stop().finally(() => process.exit(INTERRUPTED));
    });
  }
}
