import { afterAll, describe, expect } from '@jest/globals';

import type { RedisNode, SentinelNode, Topology } from '../../src/testing/index.js';
import { type Control, plainIoredis } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

interface Fault {
  strike: (sentinels: readonly SentinelNode[]) => unknown;
  victim: (connection: ReturnType<Topology['clientOptions']>) => Promise<Control>;
}

/** The Sentinels first, the master then. */
async function survive({ strike, victim: makeVictim }: Fault): Promise<void> {
  const topology = await stage.topology();
  const [master] = topology.nodes as [RedisNode];
  const publisher = await stage.publisher(topology);
  const victim = await stage.control(makeVictim(topology.clientOptions()));
  const subscriber = await stage.subscriber(topology.clientOptions());
  const live = performance.now();
  await heardAgain(victim, publisher, live);
  await heardAgain(subscriber, publisher, live);

  strike(topology.sentinels);
  const struckAt = performance.now();
  const newcomer = await stage.subscriber(topology.clientOptions());
  expect(performance.now() - struckAt).toBeLessThan(4_000);

  const named = topology.waitForNewMaster(master);
  await master.kill();
  const { node, at: namedAt } = await named;
  const first = await publisher.accepted.first(({ by }) => by === node.name);
  const { at } = await heardAgain(subscriber, publisher, first.sentAt);
  expect(at - namedAt).toBeLessThan(2_000);
  await heardAgain(newcomer, publisher, first.sentAt);
  expect(await heardWithin(victim, publisher, first.sentAt, 3_000)).toBe(0);
  expect([...subscriber.gaps.values()]).toEqual([expect.objectContaining({ to: expect.any(Number) })]);
  await expectHonest(publisher, subscriber, live);
}

describe('When the master is killed, the Sentinels that are left are enough', () => {
  afterAll(() => stage.close());

  together({
    'one of three hung; plain ioredis waits for it': () =>
      survive({
        strike: ([first]) => first?.freeze(),
        victim: (connection) => plainIoredis(connection, 'orders.*'),
      }),
    'two unreachable from us only; plain ioredis waits for the first of them': () =>
      survive({
        strike: (sentinels) => sentinels.slice(0, 2).forEach(({ inner }) => inner.blackHole()),
        victim: (connection) => plainIoredis(connection, 'orders.*'),
      }),
  });
});
