import { Redis } from 'ioredis';

import { poll, type RedisNode } from '../../../src/testing/index.js';
import { deliver, type Lab, type Program } from '../lab.js';
import type { CaseTools } from '../tools.js';
import { event } from './events.js';

export const COUNTS = [1, 100, 10_000] as const;

/** Every 20 ms 100 messages, so that each process is woken alike, however long Redis takes for them. */
const PACE = { batch: 100, every: 20 };
const MESSAGES = 10_000;
/** Not measured: the process has idled while it was the others' turn. */
const WARM_UP = 5_000;

/** A value per round. */
export interface PatternResult {
  /** How many patterns the process listens to. */
  patterns: number;
  /** Microseconds of CPU in our process per message, all of them on one pattern. */
  cpu: number[];
  /** The same, on all patterns in turn: everything that belongs to a pattern has left the caches of the processor meanwhile. */
  inTurn: number[];
  /** Milliseconds from a kill of the connection to a message on the last pattern. */
  liveAgain: number[];
}

/** What Redis itself spends. */
export interface RedisCost {
  kind: 'none' | 'channels' | 'patterns';
  subscriptions: number;
  /** Microseconds of Redis per PUBLISH that one subscriber gets, or nobody. */
  perPublish: number;
}

export async function measurePatterns(lab: Lab, { rounds, scale, say }: CaseTools): Promise<PatternResult[]> {
  const measured: { result: PatternResult; redis: RedisNode; publisher: Program; subscriber: Program }[] = [];
  for (const patterns of COUNTS) {
    const redis = await lab.redis();
    const subscriber = await lab.subscriber('redis-resilient', {
      redis: redis.clientAddress,
      patterns,
    });
    const publisher = await lab.publisher(redis);
    measured.push({ result: { patterns, cpu: [], inTurn: [], liveAgain: [] }, redis, publisher, subscriber });
  }
  for (let round = 0; round <= rounds; round++) {
    say(`many patterns, round ${round} of ${rounds}`);
    for (const { result, redis, publisher, subscriber } of measured) {
      const channels = Array.from({ length: result.patterns }, (_, n) => `orders.${n}.new`);
      const payload = event('orders.0.new');
      const order = { channels, payload, count: scale(MESSAGES), ...PACE, window: Infinity };
      const toLast = { ...order, channels: channels.slice(-1) };
      await deliver(publisher, subscriber, { ...toLast, count: scale(WARM_UP) });
      const { cpu } = await deliver(publisher, subscriber, toLast);
      const { cpu: inTurn } = await deliver(publisher, subscriber, order);
      const last = { ...toLast, count: 1, batch: 1, every: 0, window: 1 };
      const took = await timeToBeLive(redis, result.patterns, () => deliver(publisher, subscriber, last));
      // The first round is the warm-up.
      if (round === 0) continue;
      result.cpu.push(cpu / order.count);
      result.inTurn.push(inTurn / order.count);
      result.liveAgain.push(took);
    }
  }
  return measured.map(({ result }) => result);
}

async function timeToBeLive(
  redis: RedisNode,
  patterns: number,
  hear: () => Promise<unknown>,
): Promise<number> {
  const killedAt = performance.now();
  await redis.killPubSub();
  const isThere = async (): Promise<boolean> => (await redis.command('PUBSUB', 'NUMPAT')) === patterns;
  await poll(isThere, { deadline: 60_000, every: 2, what: 'the return of every pattern' });
  await hear();
  return performance.now() - killedAt;
}

/** What other people's subscriptions cost everybody who publishes. */
export async function measureRedis(lab: Lab, { scale, say }: CaseTools): Promise<RedisCost[]> {
  const redis = await lab.redis();
  const costs: RedisCost[] = [];
  const [, , most] = COUNTS;
  const kinds: [RedisCost['kind'], number][] = [
    ['none', 0],
    ['channels', most],
    ['patterns', most / 10],
    ['patterns', most],
  ];
  for (const [kind, subscriptions] of kinds) {
    say(`Redis with ${subscriptions} ${kind}`);
    const client = new Redis(redis.clientAddress);
    const names = Array.from({ length: subscriptions }, (_, n) =>
      kind === 'patterns' ? `s.${n}.*` : `s.${n}`,
    );
    if (kind === 'patterns') await client.psubscribe(...names);
    if (kind === 'channels') await client.subscribe(...names);
    await redis.command('CONFIG', 'RESETSTAT');
    for (let n = scale(2_000); n > 0; n--) await redis.publish('elsewhere', '{"n":1}');
    const usec = /usec_per_call=([\d.]+)/.exec((await redis.info('cmdstat_publish')) ?? '')?.[1];
    costs.push({ kind, subscriptions, perPublish: Number(usec) });
    client.disconnect();
    await poll(() => isQuiet(redis), {
      what: 'the end of the subscriptions',
    });
  }
  return costs;
}

async function isQuiet(redis: RedisNode): Promise<boolean> {
  const channels = (await redis.command('PUBSUB', 'CHANNELS')) as unknown[];
  return channels.length === 0 && (await redis.command('PUBSUB', 'NUMPAT')) === 0;
}
