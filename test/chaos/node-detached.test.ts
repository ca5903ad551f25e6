import { afterAll, describe, expect } from '@jest/globals';

import { poll, type RedisNode, TcpLink } from '../../src/testing/index.js';
import { expectHonest, missing } from '../support/history.js';
import { pubsubConnections } from '../support/pubsub-connections.js';
import { SPEAKS_RESP3 } from '../support/resp.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin, UNWATCHED } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

/** Two servers and one address, which leads to the first until it is moved. */
async function movingAddress() {
  const old = await stage.redis({});
  const present = await stage.redis({});
  const address = stage.keep(await TcpLink.to({ host: old.host, port: old.port }), (link) => link.close());
  const move = (): void => {
    address.redirect({ host: present.host, port: present.port });
  };
  return { old, present, address: address.address, move };
}

/** What an operator does by hand; unlike Sentinel he closes no client. */
async function replicate(node: RedisNode, master: RedisNode): Promise<void> {
  await node.command('CONFIG', 'SET', 'masteruser', master.operator.username);
  await node.command('CONFIG', 'SET', 'masterauth', master.operator.password);
  await node.command('REPLICAOF', master.host, master.port);
}

/** A subscribed connection itself, or under RESP2 another one of the same name. */
async function canAskRole(redis: RedisNode, name: string): Promise<boolean> {
  if (SPEAKS_RESP3) return true;
  const list = String(await redis.command('CLIENT', 'LIST', 'TYPE', 'normal'));
  return list.includes(` name=${name} `);
}

const hasSubscriber = async (redis: RedisNode, name: string) => (await pubsubConnections(redis)).has(name);

describe('A link to a node that is not the master any more', () => {
  afterAll(() => stage.close());

  together({
    'the address has moved, and the old node answers PING: the canary finds out': async () => {
      const { old, present, address, move } = await movingAddress();
      const publisher = await stage.publisher(present);
      const withoutCanary = await stage.subscriber(address, { canary: false });
      const subscriber = await stage.subscriber(address, { canary: { interval: 1_000, timeout: 500 } });
      // Until the canary has been published there is no connection that could move.
      await subscriber.becomes(({ lastVerifiedAgo, since }) => since > 1_500 && lastVerifiedAgo !== null);

      move();
      await old.command('CLIENT', 'KILL', 'TYPE', 'normal');
      const since = performance.now();
      const { at } = await heardAgain(subscriber, publisher, since);
      expect(at - since).toBeLessThan(4_000);
      expect(await heardWithin(withoutCanary, publisher, since, 4_500)).toBe(0);
      expect(withoutCanary.snapshot().live).toBe(true);
      expect(subscriber.closedGaps('deaf')).toHaveLength(1);
      await expectHonest(publisher, subscriber, since);
    },

    'demoted by hand, without canary and Sentinels: ROLE shows it': async () => {
      const master = await stage.redis({});
      const node = await stage.redis({});
      const subscriber = await stage.subscriber(
        { host: node.host, port: node.port },
        { canary: false, keepAlive: { interval: 500 } },
      );
      expect(subscriber.engine.monitor.maxSilence.demoted).toBe(3_000);

      await replicate(node, master);
      const since = performance.now();
      await subscriber.becomes(({ live }) => !live);
      expect(performance.now() - since).toBeLessThan(3_500);
      await node.command('REPLICAOF', 'NO', 'ONE');
      await subscriber.becomes(({ live }) => live);
      expect(subscriber.closedGaps('demoted')).toHaveLength(1);
    },

    'demoted by hand: the link is replaced, and nothing is heard twice': async () => {
      const { old, present, address, move } = await movingAddress();
      const unwatched = await stage.subscriber({ ...address, connectionName: 'unwatched' }, UNWATCHED);
      const subscriber = await stage.subscriber({ ...address, connectionName: 'watched' });
      await poll(() => canAskRole(old, 'watched'), { what: 'a connection that can ask' });

      move();
      await replicate(old, present);
      const since = performance.now();
      // The replica relays what its master publishes, so both links would hear it.
      const publisher = await stage.publisher(present);
      await subscriber.becomes(({ links, live }) => links.made > 1 && live, 6_000);
      expect(await hasSubscriber(present, 'watched')).toBe(true);
      await heardAgain(subscriber, publisher, performance.now());
      // The canary follows the moved address, and may notice before ROLE does.
      const closed = [...subscriber.gaps.values()].filter(({ to }) => to !== null);
      expect(closed.map(({ cause }) => cause)).toContainEqual(expect.stringMatching(/^(demoted|deaf)$/));
      expect(await heardWithin(unwatched, publisher, since, 4_000)).toBeGreaterThan(0);
      expect(await hasSubscriber(old, 'unwatched')).toBe(true);
      await expectHonest(publisher, subscriber, since);
    },

    'demoted by hand, and nothing but the link goes there: RESP3 asks it; RESP2 hears once what it relays':
      async () => {
        const { old, present, address, move } = await movingAddress();
        const keepAlive = { interval: 500 };
        const options = { ...address, connectionName: 'watched' };
        const subscriber = await stage.subscriber(options, { canary: false, keepAlive });
        await poll(() => canAskRole(old, 'watched'), { what: 'a connection that can ask' });

        move();
        await old.command('CLIENT', 'KILL', 'TYPE', 'normal');
        await poll(() => canAskRole(present, 'watched'), { what: 'a connection that asks another node' });
        await replicate(old, present);
        await poll(async () => (await old.info('master_link_status')) === 'up', { what: 'a replica' });
        const since = performance.now();
        const publisher = await stage.publisher(present);
        if (SPEAKS_RESP3) {
          await subscriber.becomes(({ links, live }) => links.made > 1 && live);
          expect(subscriber.closedGaps('demoted')).toHaveLength(1);
        } else {
          const bound = subscriber.engine.monitor.maxSilence.demoted ?? NaN;
          expect(await heardWithin(subscriber, publisher, since, bound)).toBeGreaterThan(0);
          expect(subscriber.snapshot()).toMatchObject({ live: true, links: { made: 1 } });
        }
        await heardAgain(subscriber, publisher, performance.now());
        await expectHonest(publisher, subscriber, since);
        if (!SPEAKS_RESP3) expect(missing(publisher, subscriber, since)).toEqual([]);
      },
  });
});
