import { afterAll, describe, expect } from '@jest/globals';

import { plainIoredis, stockNest } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

const CONTROL = '&__redis-resilient__:*';

/** Redis, and the connection options of a user that may use some channels only. */
async function redisForUser(channels: string) {
  const redis = await stage.redis({ users: { app: `on >secret ~* ${channels} +@all` } });
  return { redis, connection: { host: redis.host, port: redis.port, username: 'app', password: 'secret' } };
}

describe('A channel that Redis refuses', () => {
  afterAll(() => stage.close());

  together({
    'taken for some seconds and given back: heard again within seconds, and reported': async () => {
      const { redis, connection } = await redisForUser(`&orders.* &orders.new ${CONTROL}`);
      const publisher = await stage.publisher(redis);
      const stock = await stage.control(stockNest(connection, 'orders.new'));
      const subscriber = await stage.subscriber(connection);
      const live = performance.now();
      await heardAgain(stock, publisher, live);
      await heardAgain(subscriber, publisher, live);

      await redis.command('ACL', 'SETUSER', 'app', 'resetchannels');
      const takenAt = performance.now();
      await subscriber.becomes(({ subscriptions }) => subscriptions.refused.includes('orders.*'));
      expect(subscriber.snapshot().live).toBe(false);
      expect(await heardWithin(subscriber, publisher, takenAt + 100, 2_000)).toBe(0);
      await redis.command('ACL', 'SETUSER', 'app', '&orders.*', '&orders.new', CONTROL);
      const since = performance.now();
      const { at } = await heardAgain(subscriber, publisher, since);
      expect(at - since).toBeLessThan(3_500);
      expect(await heardWithin(stock, publisher, since, 4_000)).toBe(0);
      await subscriber.becomes((snapshot) => snapshot.live && snapshot.degraded.length === 0);
      await expectHonest(publisher, subscriber, live);
    },

    'one forbidden pattern leaves the others alive, and is named': async () => {
      const { redis, connection } = await redisForUser(`&orders.* ${CONTROL}`);
      const both = ['orders.*', 'o*'];
      const wanted = both.map((name) => ({ kind: 'pattern', name }) as const);
      const publisher = await stage.publisher(redis);
      await expect(plainIoredis(connection, ...both)).rejects.toThrow('NOPERM');
      const subscriber = stage.idleSubscriber(connection, {}, wanted);
      subscriber.engine.start();
      await heardAgain(subscriber, publisher, performance.now());
      const live = performance.now();
      expect(subscriber.snapshot()).toMatchObject({
        live: false,
        state: 'live',
        subscriptions: { refused: ['o*'] },
      });
      expect(subscriber.lines.filter((line) => line.includes('refuses to subscribe o*:'))).toHaveLength(1);

      await redis.command('ACL', 'SETUSER', 'app', '&o*');
      const since = performance.now();
      await subscriber.becomes(({ live }) => live);
      expect(performance.now() - since).toBeLessThan(3_500);
      await heardAgain(subscriber, publisher, since);
      expect(subscriber.closedGaps('refused')).toMatchObject([{ patterns: ['o*'] }]);
      await expectHonest(publisher, subscriber, live);
    },

    'no PUBLISH, so no canary: degraded, said once, and no bound is promised': async () => {
      const redis = await stage.redis({
        users: { app: `on >secret ~* &orders.* ${CONTROL} +@all -publish` },
      });
      const connection = { host: redis.host, port: redis.port, username: 'app', password: 'secret' };
      const canary = { interval: 200, timeout: 200 };
      const subscriber = await stage.subscriber(connection, { canary });
      expect(subscriber.engine.monitor.maxSilence.deaf).toBe(400);
      await subscriber.becomes(({ degraded }) => degraded.some(({ kind }) => kind === 'canary'));
      expect(subscriber.engine.monitor.maxSilence.deaf).toBeNull();
      const later = performance.now() + 1_000;
      await subscriber.becomes(() => performance.now() > later);
      expect(subscriber.lines.filter((line) => line.startsWith('Degraded'))).toHaveLength(1);
      expect(subscriber.snapshot()).toMatchObject({ live: true, links: { made: 1 } });

      await redis.command('ACL', 'SETUSER', 'app', '+publish');
      await subscriber.becomes(({ degraded }) => degraded.length === 0);
      expect(subscriber.engine.monitor.maxSilence.deaf).toBe(400);
    },

    'no control channel: degraded, said once, and everything is heard': async () => {
      const { redis, connection } = await redisForUser('&orders.*');
      const publisher = await stage.publisher(redis);
      const subscriber = await stage.subscriber(connection);
      const live = performance.now();
      await redis.killPubSub();
      await heardAgain(subscriber, publisher, performance.now());
      expect(subscriber.snapshot().degraded).toHaveLength(1);
      expect(subscriber.engine.monitor.maxSilence.deaf).toBeNull();
      expect(subscriber.lines.filter((line) => line.startsWith('Degraded'))).toHaveLength(1);
      await expectHonest(publisher, subscriber, live);
    },

    'the control channel given while a link is silent: nothing is heard twice when it speaks again':
      async () => {
        const redis = await stage.redis({ links: true, users: { app: 'on >secret ~* &orders.* +@all' } });
        const connection = { ...redis.clientAddress, username: 'app', password: 'secret' };
        const publisher = await stage.publisher(redis);
        const subscriber = await stage.subscriber(connection, { reconnect: { refusedDelay: 60_000 } });
        const live = performance.now();
        await heardAgain(subscriber, publisher, live);

        await redis.command('ACL', 'SETUSER', 'app', CONTROL);
        const heal = redis.inner.blackHole('both', { connections: 'open' });
        await heardAgain(subscriber, publisher, performance.now());
        heal();
        await heardWithin(subscriber, publisher, performance.now(), 1_000);
        await expectHonest(publisher, subscriber, live);
      },

    'a permission given, and a rotation that brings it: nothing of it is taken for said already':
      async () => {
        const redis = await stage.redis({
          links: true,
          users: { app: `on >secret ~* &orders.* ${CONTROL} +@all` },
        });
        const connection = { ...redis.clientAddress, username: 'app', password: 'secret' };
        const publisher = await stage.publisher(redis);
        const wanted = ['orders.*', 'o*'].map((name) => ({ kind: 'pattern', name }) as const);
        const patient = { reconnect: { refusedDelay: 60_000 } };
        const subscriber = stage.idleSubscriber(connection, patient, wanted);
        subscriber.engine.start();
        await heardAgain(subscriber, publisher, performance.now());
        const live = performance.now();

        await redis.command('ACL', 'SETUSER', 'app', '&o*');
        // So that messages come between the acknowledgement of the successor's subscriptions and the marker.
        redis.inner.delay(150);
        await subscriber.engine.monitor.rotate();
        redis.inner.delay(0);
        await heardWithin(subscriber, publisher, performance.now(), 500);
        expect(subscriber.snapshot()).toMatchObject({ live: true, links: { made: 2 } });
        await expectHonest(publisher, subscriber, live);
      },
  });
});
