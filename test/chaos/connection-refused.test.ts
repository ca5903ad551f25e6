import { afterAll, describe, expect } from '@jest/globals';

import { stockNest } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

describe('A connection that Redis refuses is made within seconds of the moment it accepts', () => {
  afterAll(() => stage.close());

  together({
    'maxclients reached and relieved': async () => {
      const redis = await stage.redis();
      const publisher = await stage.publisher(redis);
      const stock = await stage.control(stockNest({ host: redis.host, port: redis.port }, 'orders.new'));
      const subscriber = await stage.subscriber({ host: redis.host, port: redis.port });
      const live = performance.now();
      await heardAgain(stock, publisher, live);
      await heardAgain(subscriber, publisher, live);

      await redis.command('CONFIG', 'SET', 'maxclients', 1);
      await redis.killPubSub();
      await subscriber.becomes(({ lastError }) => lastError?.includes('max number of clients') ?? false);
      expect(await heardWithin(subscriber, publisher, performance.now(), 1_500)).toBe(0);
      await redis.command('CONFIG', 'SET', 'maxclients', 1_000);
      const since = performance.now();
      const { at } = await heardAgain(subscriber, publisher, since);
      expect(at - since).toBeLessThan(3_500);
      expect(await heardWithin(stock, publisher, since, 4_000)).toBe(0);
      await expectHonest(publisher, subscriber, live);
    },

    'wrong password, then the right one': async () => {
      const redis = await stage.redis({ password: 'right', links: true });
      const publisher = await stage.publisher(redis);
      let password = 'wrong';
      const stubborn = stage.idleSubscriber({ ...redis.clientAddress, password });
      const subscriber = stage.idleSubscriber(async () => ({ ...redis.clientAddress, password }));
      const startedAt = performance.now();
      for (const { engine } of [stubborn, subscriber]) engine.start();
      await subscriber.engine.settled();
      await subscriber.becomes(({ lastError }) => lastError?.includes('credentials') ?? false);
      expect(await heardWithin(subscriber, publisher, performance.now(), 1_500)).toBe(0);

      password = 'right';
      const since = performance.now();
      const { at } = await heardAgain(subscriber, publisher, since);
      expect(at - since).toBeLessThan(3_500);
      expect(await heardWithin(stubborn, publisher, since, 4_000)).toBe(0);
      expect([...subscriber.lines, ...stubborn.lines].join('\n')).not.toMatch(/\b(wrong|right)\b/);
      await expectHonest(publisher, subscriber, startedAt);
    },
  });
});
