import { afterAll, describe, expect, it } from '@jest/globals';

import { poll, type RedisNode } from '../../src/testing/index.js';
import { eagerIoredis } from '../support/controls.js';
import { expectHonest, missing } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain } from '../support/subscriber.js';

const stage = new Stage();

describe('A client that is cut off from everything for some seconds', () => {
  afterAll(() => stage.close());

  it('is handed every message after the healing, each once, and what is late is marked', async () => {
    const topology = await stage.topology();
    const [master] = topology.nodes as [RedisNode];
    const publisher = await stage.publisher(topology);
    const eager = await stage.control(eagerIoredis(master.clientAddress, 'orders.*'));
    const subscriber = await stage.subscriber(topology.clientOptions());
    const live = performance.now();
    await heardAgain(eager, publisher, live);
    await heardAgain(subscriber, publisher, live);

    const links = [...topology.nodes, ...topology.sentinels].map(({ inner }) => inner);
    const open = links.map((link) => link.blackHole('both', { connections: 'open' }));
    const others = links.map((link) => link.blackHole('both', { connections: 'new' }));
    const cutAt = performance.now();
    await subscriber.becomes((snapshot) => !snapshot.live);
    await publisher.accepted.first(({ sentAt }) => sentAt > cutAt + 6_000, 10_000);
    others.forEach((heal) => heal());
    const healedAt = performance.now();
    const { at } = await heardAgain(subscriber, publisher, healedAt);
    expect(at - healedAt).toBeLessThan(2_000);
    await heardAgain(eager, publisher, healedAt);
    // TCP waits longer after each failure, so an old connection comes back to life after the new ones.
    open.forEach((heal) => heal());

    await publisher.stop();
    await poll(() => missing(publisher, subscriber, live).length === 0);
    await expectHonest(publisher, subscriber, live);
    expect(missing(publisher, eager, live).length).toBeGreaterThan(200);

    const late = subscriber.handled.items.filter((message) => message.late);
    expect(late.length).toBeGreaterThan(200);
    expect(subscriber.snapshot().late.delivered).toBe(late.length);
    const [gap] = subscriber.closedGaps('silent');
    expect(gap?.late).toBeGreaterThan(0);
  });
});
