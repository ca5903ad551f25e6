import { afterAll, describe, expect, it } from '@jest/globals';

import { poll, type RedisNode } from '../../src/testing/index.js';
import { expectHonest, missing } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain } from '../support/subscriber.js';

const stage = new Stage();

describe('A failover away and back that nobody could tell us of', () => {
  afterAll(() => stage.close());

  it('is reported as soon as the Sentinels can be asked again; without them nobody ever knows', async () => {
    const topology = await stage.topology({ replicas: 1 });
    const [master] = topology.nodes as [RedisNode];
    const publisher = await stage.publisher(topology);
    const subscriber = await stage.subscriber(topology.clientOptions());
    const alone = await stage.subscriber(master.clientAddress);
    const live = performance.now();
    await heardAgain(subscriber, publisher, live);
    await heardAgain(alone, publisher, live);

    for (const { inner } of topology.sentinels) inner.blackHole();
    const { node: other } = await topology.failover();
    await publisher.accepted.first(({ by }) => by === other.name, 10_000);
    await poll(async () => (await master.role()) === 'slave', { deadline: 30_000, what: 'a demoted master' });
    const isThere = async (): Promise<boolean> => (await master.info('master_link_status')) === 'up';
    await poll(isThere, { deadline: 20_000, what: 'a replica that can take over' });
    await poll(async () => (await topology.failover()).node === master, { deadline: 60_000, every: 500 });
    await heardAgain(subscriber, publisher, performance.now());
    await heardAgain(alone, publisher, performance.now());
    for (const { inner } of topology.sentinels) inner.heal();
    await subscriber.becomes(({ sentinels }) => sentinels?.agreeing === 3);

    expect(subscriber.closedGaps('failover')).not.toHaveLength(0);
    await expectHonest(publisher, subscriber, live);
    expect(missing(publisher, subscriber, live).length).toBeGreaterThan(50);
    await expect(expectHonest(publisher, alone, live)).rejects.toThrow('is lost and in no gap');
  });
});
