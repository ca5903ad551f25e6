/** What `process-stopped.test.ts` starts: a subscriber of ours and an eager one, in a process that can be stopped. */
import type { Gap } from '../../src/subscription/gap.js';
import { eagerIoredis } from './controls.js';
import { monotonicNow } from './publisher-order.js';
import { type Handled, Subscriber } from './subscriber.js';

/** Moments are on the clock that all processes share. */
export interface HeardReport {
  handled: Handled[];
  gaps: Gap[];
}

const [host = '', port = ''] = process.argv.slice(2);
const address = { host, port: Number(port) };
const offset = monotonicNow() - performance.now();

await eagerIoredis({ ...address, connectionName: 'eager' }, 'orders.*', 2_000);
const subscriber = await new Subscriber({ redis: { ...address, connectionName: 'ours' } }).live();
process.send?.('live');

process.on('message', (order: 'work' | 'report') => {
  if (order === 'work') work();
  else report();
});
process.on('disconnect', () => process.exit());

/** Whoever is stopped in the middle of this comes to his timers before he comes to his sockets. */
function work(): void {
  const end = performance.now() + 1_000;
  process.send?.('working');
  while (performance.now() < end);
}

function report(): void {
  const handled = subscriber.handled.items.map((one) => ({ ...one, at: one.at + offset }));
  const gaps = [...subscriber.gaps.values()].map((gap) => ({
    ...gap,
    from: gap.from + offset,
    to: gap.to === null ? null : gap.to + offset,
  }));
  process.send?.({ handled, gaps } satisfies HeardReport);
}
