import { afterAll, describe, expect } from '@jest/globals';

import { poll, type RedisNode } from '../../src/testing/index.js';
import { plainIoredis, stockNest } from '../support/controls.js';
import { expectHonest, missing } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin, UNWATCHED } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

const BUSY_LOOP = `
  local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
  local start = now()
  while now() - start < tonumber(ARGV[1]) do end`;

/** Runs a script that lets nothing else happen; resolves when it is over. */
async function keepBusy(redis: RedisNode, milliseconds: number): Promise<void> {
  redis.command('EVAL', BUSY_LOOP, 0, milliseconds).catch(() => undefined); // longer than a reply may take
  const startedAt = performance.now();
  const isOver = () => redis.command('PING').then(() => performance.now() > startedAt + milliseconds);
  while (!(await isOver().catch(() => false)));
}

describe('A server that is busy', () => {
  afterAll(() => stage.close());

  together({
    'with a script, answering BUSY: no link is replaced, and nothing is lost': async () => {
      const redis = await stage.redis({ config: { 'busy-reply-threshold': 100 } });
      const publisher = await stage.publisher(redis);
      const subscriber = await stage.subscriber({ host: redis.host, port: redis.port });
      const live = performance.now();
      await keepBusy(redis, 4_000);
      await heardAgain(subscriber, publisher, performance.now());
      expect(subscriber.snapshot().links.made - subscriber.snapshot().links.successorsPutAway).toBe(1);
      expect(subscriber.gaps.size).toBe(0);
      await expectHonest(publisher, subscriber, live);
      expect(missing(publisher, subscriber, live)).toEqual([]);
    },

    'with a script, and a subscription wanted meanwhile: it is there as soon as it answers': async () => {
      const redis = await stage.redis({ config: { 'busy-reply-threshold': 100 } });
      const subscriber = await stage.subscriber({ host: redis.host, port: redis.port });
      const over = keepBusy(redis, 1_500);
      const isBusy = () =>
        subscriber.engine.publish('orders.new', '').then(
          () => false,
          (error: unknown) => String(error).includes('BUSY'),
        );
      await poll(isBusy, { what: 'a server that answers BUSY' });
      subscriber.engine.subscribe('channel', 'more', () => undefined);
      await over;
      await subscriber.engine.acknowledged('channel', 'more', 2_000);
      expect(subscriber.snapshot()).toMatchObject({ live: true, links: { made: 1 } });
    },

    'with a script, answering nothing: heard again as soon as it answers; unwatched, nobody knew':
      async () => {
        const redis = await stage.redis();
        const publisher = await stage.publisher(redis);
        const unwatched = await stage.subscriber({ host: redis.host, port: redis.port }, UNWATCHED);
        const subscriber = await stage.subscriber({ host: redis.host, port: redis.port });
        const live = performance.now();
        const over = keepBusy(redis, 4_000);
        await subscriber.becomes((snapshot) => !snapshot.live);
        expect(unwatched.snapshot().live).toBe(true);
        await over;
        const since = performance.now();
        const { at } = await heardAgain(subscriber, publisher, since);
        expect(at - since).toBeLessThan(1_500);
        expect(subscriber.closedGaps('silent')).toHaveLength(1);
        expect(unwatched.gaps.size).toBe(0);
        await expectHonest(publisher, subscriber, live);
      },

    'with a script, and the connection killed meanwhile: back as soon as it answers': async () => {
      const redis = await stage.redis({ config: { 'busy-reply-threshold': 100 }, links: true });
      const publisher = await stage.publisher(redis);
      const stock = await stage.control(stockNest(redis.clientAddress, 'orders.new'));
      const subscriber = await stage.subscriber(redis.clientAddress);
      const live = performance.now();
      await heardAgain(stock, publisher, live);
      const over = keepBusy(redis, 4_000);
      redis.inner.reset();
      await subscriber.becomes(({ lastError }) => lastError?.includes('BUSY') ?? false);
      await over;
      const since = performance.now();
      const { at } = await heardAgain(subscriber, publisher, since);
      expect(at - since).toBeLessThan(1_500);
      expect(await heardWithin(stock, publisher, since, 2_500)).toBe(0);
      await expectHonest(publisher, subscriber, live);
    },

    'with loading its data: heard meanwhile already; plain ioredis waits for the end': async () => {
      const keys = 40_000;
      const redis = await stage.redis({
        config: { 'key-load-delay': 100, 'loading-process-events-interval-bytes': 1_024 },
      });
      const fill = "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'key:' .. i, i) end";
      await redis.command('EVAL', fill, 0, keys);
      await redis.command('SAVE');
      const publisher = await stage.publisher(redis);
      const address = { host: redis.host, port: redis.port };
      const plain = await stage.control(plainIoredis(address, 'orders.*'));
      const subscriber = await stage.subscriber(address);
      const live = performance.now();

      await redis.kill();
      await redis.start();
      const since = performance.now();
      const { at } = await heardAgain(subscriber, publisher, since);
      expect(at - since).toBeLessThan(1_500);
      expect(await heardWithin(plain, publisher, since, 2_000)).toBe(0);
      expect(await redis.info('loading')).toBe('1');
      await expectHonest(publisher, subscriber, live);
    },
  });
});
