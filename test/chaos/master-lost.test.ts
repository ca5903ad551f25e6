import { afterAll, describe, expect } from '@jest/globals';

import type { RedisNode, Topology } from '../../src/testing/index.js';
import { type Control, plainIoredis, stockNest } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

interface Fault {
  strike: (master: RedisNode, topology: Topology) => unknown;
  /** What does not survive it. */
  victim: (connection: ReturnType<Topology['clientOptions']>) => Promise<Control>;
}

async function survive({ strike, victim: makeVictim }: Fault): Promise<void> {
  const topology = await stage.topology();
  const [master] = topology.nodes as [RedisNode];
  const publisher = await stage.publisher(topology);
  const victim = await stage.control(makeVictim(topology.clientOptions()));
  const subscriber = await stage.subscriber(topology.clientOptions());
  const live = performance.now();
  await heardAgain(victim, publisher, live);
  await heardAgain(subscriber, publisher, live);

  const named = topology.waitForNewMaster(master);
  await strike(master, topology);
  const { node, at: namedAt } = await named;
  const first = await publisher.accepted.first(({ by }) => by === node.name);
  const { at } = await heardAgain(subscriber, publisher, first.sentAt);
  expect(at - namedAt).toBeLessThan(1_500);
  expect(await heardWithin(victim, publisher, first.sentAt, 3_000)).toBe(0);
  expect([...subscriber.gaps.values()]).toEqual([expect.objectContaining({ to: expect.any(Number) })]);
  await expectHonest(publisher, subscriber, live);
}

const plain: Fault['victim'] = (connection) => plainIoredis(connection, 'orders.*');
const stock: Fault['victim'] = (connection) => stockNest(connection, 'orders.new');

describe('When the master is lost, its successor is heard as soon as a majority of the Sentinels names it', () => {
  afterAll(() => stage.close());

  together({
    'killed; the stock transport has given up': () =>
      survive({ strike: (master) => master.kill(), victim: stock }),
    'frozen for good; plain ioredis waits for it': () =>
      survive({ strike: (master) => master.freeze(), victim: plain }),
    'isolated together with us; plain ioredis stays with it': () =>
      survive({ strike: (master, topology) => topology.isolate(master), victim: plain }),
  });
});
