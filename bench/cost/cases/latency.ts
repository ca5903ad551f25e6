import { deliver, type Lab, type Program } from '../lab.js';
import { type Peer, PEERS } from '../peers.js';
import { percentile } from '../statistics.js';
import type { CaseTools } from '../tools.js';

/** Messages per second, in so many bursts a second. */
export const PACE = { rate: 10_000, bursts: 1_000 };
const SECONDS = 3;

/** A value per round, in milliseconds. */
export interface LatencyResult {
  peer: Peer;
  p50: number[];
  p99: number[];
  p999: number[];
}

/** From the moment a message is due, whether its publisher was in time or not: nobody waits for a slow subscriber. */
export async function measureLatency(lab: Lab, { rounds, scale, say }: CaseTools): Promise<LatencyResult[]> {
  const redis = await lab.redis();
  const publisher = await lab.publisher(redis);
  const batch = PACE.rate / PACE.bursts;
  const count = scale(PACE.rate * SECONDS);
  const subscribers = new Map<LatencyResult, Program>();
  for (const peer of ['ours', 'bare', 'ioredis', 'stock'] as const) {
    const assignment = { redis: redis.clientAddress, patterns: [`${peer}.*`], handler: 'timed' as const };
    const program = await lab.subscriber(PEERS[peer].program, assignment);
    subscribers.set({ peer, p50: [], p99: [], p999: [] }, program);
  }
  // The first round is the warm-up.
  for (let round = 0; round <= rounds; round++) {
    say(`latency, round ${round} of ${rounds}`);
    for (const [{ peer, p50, p99, p999 }, subscriber] of subscribers) {
      const { latencies } = await deliver(publisher, subscriber, {
        channels: [`${peer}.new`],
        payload: `{"pattern":"${peer}.new","data":{"due":%due}}`,
        count,
        batch,
        every: 1_000 / PACE.bursts,
        window: Infinity,
      });
      if (round === 0) continue;
      p50.push(percentile(latencies, 0.5));
      p99.push(percentile(latencies, 0.99));
      p999.push(percentile(latencies, 0.999));
    }
  }
  return [...subscribers.keys()];
}
