import { afterAll, describe, expect, it } from '@jest/globals';

import type { RedisNode } from '../../src/testing/index.js';
import { plainIoredis } from '../support/controls.js';
import { expectHonest, missing } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';

const stage = new Stage();

describe('A planned failover', () => {
  afterAll(() => stage.close());

  it('is followed at once, and publishers that stay on the old master are heard too', async () => {
    const topology = await stage.topology();
    const [master] = topology.nodes as [RedisNode];
    const following = await stage.publisher(topology, { channel: 'orders.following' });
    const staying = await stage.publisher(master, { channel: 'orders.staying' });
    const plain = await stage.control(plainIoredis(topology.clientOptions(), 'orders.following'));
    const toFollowing = [{ kind: 'channel', name: 'orders.following' }] as const;
    const toStaying = [{ kind: 'channel', name: 'orders.staying' }] as const;
    const subscriber = await stage.subscriber(topology.clientOptions(), {}, toFollowing);
    const neighbour = await stage.subscriber(topology.clientOptions(), {}, toStaying);
    const live = performance.now();
    await heardAgain(plain, following, live);
    await heardAgain(subscriber, following, live);

    const { node, at: namedAt } = await topology.failover();
    const first = await following.accepted.first(({ by }) => by === node.name);
    const { at } = await heardAgain(subscriber, following, first.sentAt);
    expect(at - namedAt).toBeLessThan(1_500);
    expect(await heardWithin(plain, following, first.sentAt, 3_000)).toBe(0);
    expect([...subscriber.gaps.values()]).toMatchObject([{ cause: 'failover' }]);

    // The old master does not know yet that it is none any more, and neither do they who stay with it.
    expect((await staying.accepted.first(({ sentAt }) => sentAt > namedAt + 3_000)).by).toBe(master.name);
    await expectHonest(following, subscriber, live);
    await expectHonest(staying, neighbour, live);
    expect(missing(staying, neighbour, live)).toEqual([]);
    // It stood by at the new master while the Sentinels still told each other.
    expect(missing(following, subscriber, live)).toEqual([]);
    expect(neighbour.handled.items.some(({ late }) => late)).toBe(true);
  });
});
