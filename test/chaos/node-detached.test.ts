import { afterAll, describe, expect } from '@jest/globals';

import { type RedisNode, TcpLink } from '../../src/testing/index.js';
import { expectHonest } from '../support/history.js';
import { pubsubConnections } from '../support/pubsub-connections.js';
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

    'demoted by hand: the link is replaced, and nothing is heard twice': async () => {
      const { old, present, address, move } = await movingAddress();
      const unwatched = await stage.subscriber({ ...address, connectionName: 'unwatched' }, UNWATCHED);
      const subscriber = await stage.subscriber({ ...address, connectionName: 'watched' });

      move();
      await old.command('CONFIG', 'SET', 'masteruser', present.operator.username);
      await old.command('CONFIG', 'SET', 'masterauth', present.operator.password);
      await old.command('REPLICAOF', present.host, present.port);
      const since = performance.now();
      // The replica relays what its master publishes, so both links would hear it.
      const publisher = await stage.publisher(present);
      await subscriber.becomes(({ links, live }) => links.made > 1 && live, 6_000);
      expect(await hasSubscriber(present, 'watched')).toBe(true);
      await heardAgain(subscriber, publisher, performance.now());
      expect(subscriber.closedGaps('demoted')).toHaveLength(1);
      expect(await heardWithin(unwatched, publisher, since, 4_000)).toBeGreaterThan(0);
      expect(await hasSubscriber(old, 'unwatched')).toBe(true);
      await expectHonest(publisher, subscriber, since);
    },
  });
});
