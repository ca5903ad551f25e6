import { deliver, type Lab } from '../lab.js';
import type { Look } from '../programs/meter.js';
import type { CaseTools } from '../tools.js';
import { burst, event } from './events.js';

const STEPS = 10;

/** The process after so many messages. */
export interface FlatSample extends Omit<Look, 'cpu'> {
  messages: number;
}

/** Memory, timers, handles and listeners while messages come by the million. */
export async function measureFlat(
  lab: Lab,
  { scale, say }: CaseTools,
  messages: number,
): Promise<FlatSample[]> {
  const redis = await lab.redis();
  const publisher = await lab.publisher(redis);
  const assignment = { redis: redis.clientAddress, patterns: ['orders.*'] };
  const subscriber = await lab.subscriber('redis-resilient', assignment, ['--expose-gc']);
  const samples: FlatSample[] = [];
  let heard = 0;
  const payload = event('orders.new');
  const hear = async (count: number): Promise<void> => {
    // In parts, so that Redis never has to hold more than a few megabytes for the subscriber.
    for (let left = count; left > 0; left -= 100_000) {
      const order = burst('orders.new', payload, Math.min(left, 100_000));
      await deliver(publisher, subscriber, order);
      heard += order.count;
    }
  };
  for (let step = 1; step <= STEPS; step++) {
    say(`flat: ${heard} of ${messages} messages`);
    await hear(scale(messages) / STEPS);
    const { rss, heap, timers, handles, listeners } = await subscriber.look();
    samples.push({ messages: heard, rss, heap, timers, handles, listeners });
  }
  return samples;
}

/** What has grown from the first sample to the last by more than it may, in one line each. */
export function growthIn(samples: readonly FlatSample[]): string[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return ['nothing was measured'];
  const room = { rss: 16 * 2 ** 20, heap: 2 * 2 ** 20, timers: 1, handles: 0, listeners: 0 };
  return (Object.keys(room) as (keyof typeof room)[])
    .filter((what) => last[what] > first[what] + room[what])
    .map((what) => `${what} has grown from ${first[what]} to ${last[what]}`);
}
