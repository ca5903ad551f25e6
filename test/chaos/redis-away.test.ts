import { afterAll, describe, expect } from '@jest/globals';

import type { RedisNode, Topology } from '../../src/testing/index.js';
import { stockNest } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

const everything = ({ nodes, sentinels }: Topology) => [...nodes, ...sentinels];
const all = (servers: readonly { kill(): Promise<void>; start(): Promise<void> }[], what: 'kill' | 'start') =>
  Promise.all(servers.map((server) => server[what]()));

/** Ends some servers, brings them back, and is heard again as soon as that is possible. */
async function surviveOutage(
  topology: Topology,
  whichServers: (topology: Topology) => RedisNode[],
): Promise<void> {
  const publisher = await stage.publisher(topology);
  const stock = await stage.control(stockNest(topology.clientOptions(), 'orders.new'));
  const subscriber = await stage.subscriber(topology.clientOptions());
  const live = performance.now();
  await heardAgain(stock, publisher, live);
  await heardAgain(subscriber, publisher, live);

  const servers = whichServers(topology);
  await all(servers, 'kill');
  const killedAt = performance.now();
  await publisher.refused.first(({ sentAt }) => sentAt > killedAt + 3_500, 8_000);
  await all(servers, 'start');
  const since = (await publisher.accepted.first(({ sentAt }) => sentAt > killedAt, 10_000)).sentAt;
  const { at } = await heardAgain(subscriber, publisher, since);
  expect(at - since).toBeLessThan(2_000);
  expect(await heardWithin(stock, publisher, since, 2_500)).toBe(0);
  expect(subscriber.lines.length).toBeLessThan(12);
  await expectHonest(publisher, subscriber, live);
}

describe('Redis that was away is heard as soon as it is back', () => {
  afterAll(() => stage.close());

  together({
    'everything down for some seconds': async () =>
      surviveOutage(await stage.topology(), (topology) => everything(topology) as RedisNode[]),

    'the master down while the Sentinels answer': async () =>
      surviveOutage(await stage.topology({ replicas: 0, sentinels: 1 }), ({ nodes }) => [...nodes]),

    'not there when the application starts: it starts without, and says so once': async () => {
      const topology = await stage.topology();
      await all(everything(topology), 'kill');
      const startedAt = performance.now();
      const [{ host, port }] = topology.nodes as [RedisNode];
      await expect(stockNest({ host, port }, 'orders.new')).rejects.toThrow();
      const subscriber = stage.idleSubscriber(topology.clientOptions());
      subscriber.engine.start();
      await subscriber.engine.settled();
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect(subscriber.snapshot()).toMatchObject({ live: false, cause: 'start' });
      await subscriber.becomes(() => performance.now() - startedAt > 3_000);
      expect(subscriber.lines.filter((line) => line.includes('not there yet'))).toHaveLength(1);

      await all(everything(topology), 'start');
      const backAt = performance.now();
      await subscriber.becomes(({ live }) => live);
      expect(performance.now() - backAt).toBeLessThan(2_000);
      const publisher = await stage.publisher(topology);
      await heardAgain(subscriber, publisher, backAt);
      await expectHonest(publisher, subscriber, startedAt);
    },
  });
});
