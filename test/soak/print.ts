import type { DeafnessByCause } from './deafness.js';
import { describeFault } from './fault.js';
import { allViolations, type SoakOrder, type SoakResult } from './result.js';

/** What one run was and how it went. */
export function describeRun(order: SoakOrder, result: SoakResult): string {
  const lines = [`seed ${order.seed}`];
  for (const [index, one] of result.series.entries()) {
    lines.push(
      `  series ${index + 1}`,
      ...(order.series[index] ?? []).map((fault) => `    ${describeFault(fault)}`),
    );
    lines.push(
      `    published ${one.published}, covered ${one.covered}, handled ${one.handled}, late ${one.late}, ` +
        `missed inside gaps ${one.excused}, gaps ${one.gaps}`,
      `    whole again: Redis after ${one.redisTook.toFixed(0)} ms, we ${one.engineTook.toFixed(0)} ms later`,
      ...one.notes.map((note) => `    not done: ${note}`),
    );
  }
  const { first, last, linksMade } = result;
  lines.push(
    `  ${linksMade} links made; sockets ${first.sockets} → ${last.sockets}, timers ${first.timers} → ${last.timers}, ` +
      `heap ${megabytes(first.heap)} → ${megabytes(last.heap)} MB`,
    ...describeDeafness(result.deafness, result.maxSilence).map((line) => `  ${line}`),
    ...allViolations(result).map(({ series, what }) => `  VIOLATION (series ${series + 1}) ${what}`),
    ...result.series
      .filter(({ violations }) => violations.length > 0)
      .flatMap(({ lines }) => lines.map((line) => `  log: ${line}`)),
  );
  return lines.join('\n');
}

/** The worst of each cause beside the bound of what may go unnoticed. */
function describeDeafness(deafness: DeafnessByCause, bounds: SoakResult['maxSilence']): string[] {
  return Object.entries(deafness).map(([cause, { gaps, longest, unnoticed }]) => {
    const bound = bounds[cause];
    return (
      `${cause.padEnd(9)} ${String(gaps).padStart(5)} gaps, deaf for at most ${longest.toFixed(0)} ms, ` +
      `${unnoticed.toFixed(0)} ms of it unnoticed (bound ${bound == null ? 'none' : `${bound} ms`})`
    );
  });
}

/** What many runs came to. */
export function describeTotal(results: readonly SoakResult[], deafness: DeafnessByCause): string {
  const series = results.flatMap((result) => result.series);
  const total = (count: (one: (typeof series)[number]) => number): number =>
    series.reduce((sum, one) => sum + count(one), 0);
  const longest = (time: (one: (typeof series)[number]) => number): string =>
    Math.max(0, ...series.map(time)).toFixed(0);
  return [
    `${results.length} runs, ${series.length} series`,
    `published ${total((one) => one.published)}, covered ${total((one) => one.covered)}, ` +
      `handled ${total((one) => one.handled)}, late ${total((one) => one.late)}, ` +
      `missed inside gaps ${total((one) => one.excused)}, gaps ${total((one) => one.gaps)}`,
    `whole again: Redis after at most ${longest((one) => one.redisTook)} ms, we at most ${longest((one) => one.engineTook)} ms later`,
    ...describeDeafness(deafness, results[0]?.maxSilence ?? {}),
    `violations ${results.flatMap(allViolations).length}`,
  ].join('\n');
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
