import { monotonicNow } from '../../../test/support/publisher-order.js';
import type { Assignment, Heard } from '../subscriber.js';

/** What this process is told to do. */
export const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;

/** Reports that the application has received the message with that number. */
export function heard({ n }: { n: number }): void {
  const report: Heard = { n, at: monotonicNow() };
  process.send?.(report);
}

process.on('disconnect', () => process.exit());
// The other end may have gone while this process was still starting.
if (!process.connected) process.exit();
// The channel must not keep this process alive: a client that has given up lets its process end.
process.channel?.unref();
