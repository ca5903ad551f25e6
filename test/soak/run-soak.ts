import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { TYPESCRIPT } from '../support/typescript.js';
import type { SoakOrder, SoakResult } from './result.js';
import type { SoakReport } from './soak-process.js';

/** A process that died or hangs has broken a promise too. */
class SoakDied extends Error {
  override readonly name = 'SoakDied';
}

/** Beside the faults: starting, healing, Redis finding a master, settling. Milliseconds for each series. */
const REST_OF_SERIES = 90_000;

/**
 * Does one run in a process of its own.
 *
 * @throws SoakDied when it ended without a result, or did not end.
 */
export async function runSoak(
  order: SoakOrder,
  say: (line: string) => void = () => undefined,
): Promise<SoakResult> {
  const program = fileURLToPath(new URL('./soak-process.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(order)], { execArgv: ['--expose-gc', ...TYPESCRIPT] });
  const bound = order.series.length * (order.length + REST_OF_SERIES) + REST_OF_SERIES;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new SoakDied(`seed ${order.seed}: no result within ${bound} ms`));
    }, bound);
    child.on('message', (report: SoakReport) => {
      if ('say' in report) say(report.say);
      else if ('result' in report) resolve(report.result);
      else reject(new SoakDied(`seed ${order.seed}: ${report.failure}`));
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      reject(new SoakDied(`seed ${order.seed}: the process ended by itself (${signal ?? String(code)})`));
    });
  });
}
