import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startTopology, type Topology } from '../../src/testing/index.js';
import { type Publisher, startPublisher } from '../support/publisher.js';

describe('A publisher of its own process', () => {
  let topology: Topology;
  const publishers: Publisher[] = [];

  beforeAll(async () => {
    topology = await startTopology();
  });

  afterAll(async () => {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
    await topology.stop();
  });

  it('follows the master that a majority names, or stays where it was put, and accounts for every message', async () => {
    const [old] = topology.nodes;
    if (!old) throw new Error('no master');
    const start = performance.now();
    const following = await startPublisher({ to: topology, channel: 'orders.new', rate: 100 });
    const staying = await startPublisher({ to: old, channel: 'orders.new', rate: 100 });
    publishers.push(following, staying);

    const { node, at } = await topology.failover();
    const first = await following.accepted.first(({ by }) => by === node.name);
    expect(first.at).toBeGreaterThan(at - 500);
    const after = await staying.accepted.first((message) => message.sentAt > first.at);
    expect(after.by).toBe(old.name);

    for (const publisher of [following, staying]) {
      const published = await publisher.stop();
      const numbers = [...publisher.accepted.items, ...publisher.refused.items].map(({ n }) => n);
      expect(numbers.sort((a, b) => a - b)).toEqual(
        Array.from({ length: published }, (_, index) => index + 1),
      );
      for (const { sentAt, at } of publisher.accepted.items) {
        expect(sentAt).toBeGreaterThan(start);
        expect(at).toBeGreaterThanOrEqual(sentAt);
      }
    }
  });

  it('reports what nobody took, with the reason', async () => {
    const master = await topology.masterOf();
    if (!master) throw new Error('no master');
    const publisher = await startPublisher({ to: master, channel: 'orders.new', rate: 100 });
    publishers.push(publisher);
    await master.kill();
    const { reason } = await publisher.refused.first((message) => message.reason.includes('ECONNREFUSED'));
    expect(reason).toContain(String(master.port));
    await master.start();
    const before = publisher.accepted.items.length;
    await publisher.accepted.atLeast(before + 1);
  });
});
