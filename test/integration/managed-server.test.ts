import { afterEach, describe, expect, it } from '@jest/globals';
import { secondOpinion } from '../../src/redis/second-opinion.js';
import { keyOf } from '../../src/redis/subscriptions.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Subscriber } from '../support/subscriber.js';

let redis: RedisNode | undefined;
let subscriber: Subscriber | undefined;

afterEach(async () => {
  await subscriber?.engine.close();
  await redis?.stop();
});

/** What providers of a managed Redis take away from their users. */
describe('a server without', () => {
  it.each([
    ['ROLE', { 'rename-command': 'ROLE ""' }],
    ['CLIENT', { 'rename-command': 'CLIENT ""' }],
    ['CONFIG', { 'rename-command': 'CONFIG ""' }],
  ])('%s is heard, and heard again after its connections were closed', async (_, config) => {
    redis = await startRedis({ config });
    const port = redis.port;
    subscriber = await new Subscriber({ redis: { host: '127.0.0.1', port } }).live();
    await redis.publish('orders.new', '1');
    await poll(() => subscriber?.handled.items.length === 1, { what: 'the message' });

    await redis.restart();
    await poll(async () => (await redis?.publish('orders.new', '2'))! > 0, { what: 'a subscriber' });
    await poll(() => subscriber?.handled.items.length === 2, { what: 'the message after it' });
    expect(subscriber.gaps.size).toBe(1);
  });

  it('ROLE gives no bound for a demoted master', async () => {
    redis = await startRedis({ config: { 'rename-command': 'ROLE ""' } });
    subscriber = new Subscriber({ redis: redis.clientAddress });
    expect(subscriber.engine.monitor.maxSilence.demoted).toBe(4_000);
    await subscriber.live();
    expect(subscriber.engine.monitor.maxSilence.demoted).toBeNull();
  });

  it('ROLE is reached by a second opinion too, so that a stuck process is restarted', async () => {
    redis = await startRedis({ config: { 'rename-command': 'ROLE ""' } });
    expect(await secondOpinion(redis.clientAddress, [keyOf('pattern', 'orders.*')], 5_000)).toBe(true);
  });
});
