import { afterAll, describe, expect, it } from '@jest/globals';

import { plainIoredis } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';

const stage = new Stage();

const CONTROL = '&__redis-resilient__:*';

/** Redis behind a link, and the connection options of a user that may use some channels only. */
async function redisForUser(channels: string) {
  const redis = await stage.redis({ links: true, users: { app: `on >secret ~* ${channels} +@all` } });
  return { redis, connection: { ...redis.clientAddress, username: 'app', password: 'secret' } };
}

describe('A pattern that the server has lost', () => {
  afterAll(() => stage.close());

  it('is noticed, repeated and reported, and no link is replaced', async () => {
    const redis = await stage.redis();
    const publisher = await stage.publisher(redis);
    const plain = await stage.control(plainIoredis(redis.clientAddress, 'orders.*', 'others.*'));
    // Without the canary there is no connection of ours but the one that listens.
    const options = { canary: false, keepAlive: { interval: 500 } } as const;
    const subscriber = await stage.subscriber(redis.clientAddress, options);
    const live = performance.now();
    await heardAgain(plain, publisher, live);
    await heardAgain(subscriber, publisher, live);

    redis.inner.inject('PUNSUBSCRIBE orders.*\r\n');
    await redis.command('PING');
    const since = performance.now();
    const { at } = await heardAgain(subscriber, publisher, since);
    expect(at - since).toBeLessThan(4_500);
    expect(await heardWithin(plain, publisher, since, 6_000)).toBe(0);
    expect(subscriber.closedGaps('lost')).toHaveLength(1);
    expect(subscriber.snapshot().links.made).toBe(1);
    await expectHonest(publisher, subscriber, live);
  });

  it('is reported too where there is no control channel to count by', async () => {
    const { redis, connection } = await redisForUser('&orders.*');
    const publisher = await stage.publisher(redis);
    const subscriber = await stage.subscriber(connection, { keepAlive: { interval: 300 } });
    const live = performance.now();
    await heardAgain(subscriber, publisher, live);

    redis.inner.inject('PUNSUBSCRIBE orders.*\r\n');
    await redis.command('PING');
    const since = performance.now();
    await heardAgain(subscriber, publisher, since);
    await subscriber.becomes(() => subscriber.closedGaps('lost').length === 1);
    await expectHonest(publisher, subscriber, live);
  });

  it('and refuses now is told as refused, and heard again once it is allowed', async () => {
    const { redis, connection } = await redisForUser(`&orders.* ${CONTROL}`);
    const publisher = await stage.publisher(redis);
    const subscriber = await stage.subscriber(connection, { keepAlive: { interval: 300 } });
    const live = performance.now();
    await heardAgain(subscriber, publisher, live);

    redis.inner.inject('PUNSUBSCRIBE orders.*\r\n');
    await redis.command('PING');
    // Redis ends the clients that hear what they may not, and this one does not any more.
    await redis.command('ACL', 'SETUSER', 'app', 'resetchannels', CONTROL);
    await subscriber.becomes(({ subscriptions }) => subscriptions.refused.includes('orders.*'));
    await redis.command('ACL', 'SETUSER', 'app', '&orders.*');
    const since = performance.now();
    await heardAgain(subscriber, publisher, since);
    await subscriber.becomes(({ live }) => live);
    expect(subscriber.snapshot().links.made).toBe(1);
    await expectHonest(publisher, subscriber, live);
  });
});
