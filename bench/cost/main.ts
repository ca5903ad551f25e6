import { cpus } from 'node:os';

import { Progress } from '../shared/terminal.js';
import { readVersions } from '../shared/versions.js';
import { measureEvents } from './cases/events.js';
import { growthIn, measureFlat } from './cases/flat.js';
import { measureIdle } from './cases/idle.js';
import { measureLatency } from './cases/latency.js';
import { measurePatterns, measureRedis } from './cases/patterns.js';
import { measureRequests } from './cases/requests.js';
import { readResults, writeDocuments, writeResults } from './files.js';
import { Lab } from './lab.js';
import type { Results } from './results.js';
import { type Case, HELP, readSettings, type Settings } from './settings.js';
import { sectionsOf } from './sections.js';
import { tableLines } from './terminal.js';
import type { CaseTools } from './tools.js';

const INTERRUPTED = 130;

const progress = new Progress();
const lab = new Lab();

/** Runs what the command line asks for; resolves with the exit code, 1 where memory was not flat. */
export async function main(args: string[]): Promise<number> {
  try {
    const settings = readSettings(args);
    if (settings.help) {
      console.log(HELP);
      return 0;
    }
    endOnSignals();
    const results = settings.render ? readResults() : await measureAll(settings);
    for (const section of sectionsOf(results)) progress.print('', section.title, ...tableLines(section));
    if (settings.write && !settings.render) writeResults(results);
    if (settings.write) {
      progress.print('', ...(await writeDocuments(results)).map((file) => `written: ${file}`));
    }
    const growth = results.flat.length > 0 ? growthIn(results.flat) : [];
    for (const line of growth) console.error(`not flat: ${line}`);
    return growth.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await lab.stop();
  }
}

async function measureAll(settings: Settings): Promise<Results> {
  const { rounds } = settings;
  const tools: CaseTools = {
    rounds,
    scale: (count) => (settings.quick ? Math.ceil(count / 10) : count),
    say: progress.say,
  };
  /** One case after the other, each with processes of its own. */
  const run = async <T>(key: Case, measure: () => Promise<T[]>): Promise<T[]> => {
    if (!settings.cases.includes(key)) return [];
    const startedAt = performance.now();
    const measured = await measure();
    await lab.stop();
    progress.print(`${key}: measured in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
    return measured;
  };
  return {
    rounds,
    versions: await readVersions(['@nestjs/microservices', 'ioredis']),
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`,
    events: await run('events', () => measureEvents(lab, tools)),
    latency: await run('latency', () => measureLatency(lab, tools)),
    requests: await run('requests', () => measureRequests(lab, tools)),
    patterns: await run('patterns', () => measurePatterns(lab, tools)),
    redis: await run('patterns', () => measureRedis(lab, tools)),
    idle: await run('idle', () => measureIdle(lab, tools)),
    flat: await run('flat', () => measureFlat(lab, tools, settings.messages)),
  };
}

function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      progress.print('', 'ending what was started');
      void lab.stop().finally(() => process.exit(INTERRUPTED));
    });
  }
}
