/** What `run-soak.ts` starts: one run in a process of its own, in which nothing may go unhandled. */
import { run } from './run.js';
import type { SoakOrder, SoakResult } from './result.js';

/** What the process tells. */
export type SoakReport = { say: string } | { result: SoakResult } | { failure: string };

const order = JSON.parse(process.argv[2] ?? '') as SoakOrder;
const unhandled: string[] = [];
const note = (error: unknown): void => {
  unhandled.push(`unhandled: ${wordsOf(error)}`);
};
process.on('unhandledRejection', note);
process.on('uncaughtException', note);
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);

try {
  const result = await run(order, (say) => tell({ say }));
  tell({ result: { ...result, violations: [...result.violations, ...unhandled] } }, () => process.exit());
} catch (error) {
  tell({ failure: [wordsOf(error), ...unhandled].join('\n') }, () => process.exit(1));
}

function tell(report: SoakReport, then?: () => void): void {
  process.send?.(report, undefined, undefined, then);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncause: ${wordsOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
