/** What `run-soak.ts` starts: one run in a process of its own, in which nothing may go unhandled. */
import { run } from './run.js';
import type { SoakOrder } from './result.js';

const order = JSON.parse(process.argv[2] ?? '') as SoakOrder;
const unhandled: string[] = [];
const note = (error: unknown): void => {
  unhandled.push(`unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
};
process.on('unhandledRejection', note);
process.on('uncaughtException', note);
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);

const result = await run(order, (say) => process.send?.({ say }));
process.send?.(
  { result: { ...result, violations: [...result.violations, ...unhandled] } },
  undefined,
  undefined,
  () => process.exit(),
);
