import { afterAll, describe, expect, it } from '@jest/globals';
import { poll, type RedisNode } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';
import type { Subscriber, WantedSubscription } from '../support/subscriber.js';

const PATTERNS = 10_000;
/** Names in one command. */
const SLICE = 500;

const stage = new Stage();

afterAll(() => stage.close());

function patterns(count: number): WantedSubscription[] {
  return Array.from({ length: count }, (_, n) => ({ kind: 'pattern', name: `orders.${n}.*` }));
}

async function psubscribes(redis: RedisNode): Promise<number> {
  const calls = /calls=(\d+)/.exec((await redis.info('cmdstat_psubscribe')) ?? '')?.[1];
  return Number(calls ?? 0);
}

/** Messages on the first and on the last pattern arrive. */
async function hears(subscriber: Subscriber, redis: RedisNode, count: number): Promise<void> {
  const from = subscriber.handled.items.length;
  for (const n of [0, count - 1]) await redis.publish(`orders.${n}.new`, '{"n":1}');
  await poll(() => subscriber.handled.items.length === from + 2, { what: 'both messages' });
  const heard = subscriber.handled.items.slice(from).map(({ subscription }) => subscription);
  expect(heard).toEqual(['orders.0.*', `orders.${count - 1}.*`]);
}

describe('10,000 patterns', () => {
  it('are subscribed, and subscribed again after a kill, in a few commands', async () => {
    const redis = await stage.redis();
    const subscriber = await stage.subscriber(redis.clientAddress, {}, patterns(PATTERNS));
    expect(await psubscribes(redis)).toBe(PATTERNS / SLICE);
    expect(subscriber.snapshot().subscriptions.acknowledged).toBe(PATTERNS);
    await hears(subscriber, redis, PATTERNS);

    await redis.killPubSub();
    await poll(() => subscriber.snapshot().live && subscriber.snapshot().links.made === 2, {
      deadline: 20_000,
      what: 'the second link',
    });
    expect(await redis.command('PUBSUB', 'NUMPAT')).toBe(PATTERNS);
    await hears(subscriber, redis, PATTERNS);
    expect(await psubscribes(redis)).toBe((2 * PATTERNS) / SLICE);
  });

  it('are all repeated where the server has lost some', async () => {
    const redis = await stage.redis();
    const options = { canary: false, keepAlive: { interval: 200 } } as const;
    const subscriber = await stage.subscriber(redis.clientAddress, options, patterns(PATTERNS));
    redis.inner.inject(`PUNSUBSCRIBE orders.0.* orders.${PATTERNS - 1}.*\r\n`);
    await poll(() => subscriber.closedGaps('lost').length === 1, { deadline: 20_000, what: 'the gap' });
    expect(await redis.command('PUBSUB', 'NUMPAT')).toBe(PATTERNS);
    await hears(subscriber, redis, PATTERNS);
  });

  it('may take longer than the deadline of an attempt, as long as Redis acknowledges some', async () => {
    const redis = await stage.redis();
    // Redis 7.0 needs time with the square of their number: here several times the deadline.
    const count = 2 * PATTERNS;
    const options = { keepAlive: { interval: 1_000, suspectAfter: 200, timeout: 800 } } as const;
    const subscriber = stage.idleSubscriber(redis.clientAddress, options, patterns(count));
    subscriber.engine.start();
    await subscriber.becomes(({ live }) => live, 45_000);
    expect(subscriber.snapshot().subscriptions.acknowledged).toBe(count);
    await hears(subscriber, redis, count);
  });
});
