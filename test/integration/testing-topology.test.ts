import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { poll, startTopology, type Topology } from '../../src/testing/index.js';

describe('A topology', () => {
  let topology: Topology | undefined;

  afterEach(() => topology?.stop());

  it('is up once replicas are in sync and every Sentinel knows everybody', async () => {
    topology = await startTopology({ masterName: 'orders', replicas: 2, sentinels: 3 });
    const [master, ...replicas] = topology.nodes;

    expect(await Promise.all(topology.nodes.map((node) => node.role()))).toEqual([
      'master',
      'slave',
      'slave',
    ]);
    expect(await topology.masterOf()).toBe(master);
    expect(await topology.replicas()).toEqual(replicas);
    for (const sentinel of topology.sentinels) {
      expect(await topology.masterOf(sentinel)).toBe(master);
      expect(await sentinel.replicas()).toHaveLength(2);
      expect(await sentinel.sentinels()).toHaveLength(2);
    }
    expect(topology.clientOptions()).toEqual({
      name: 'orders',
      sentinels: topology.sentinels.map(({ host, port }) => ({ host, port })),
    });
  });

  it('fails over as planned, again and again', async () => {
    topology = await startTopology();
    const masters = [await topology.masterOf()];
    for (let time = 0; time < 2; time++) {
      const { node, at } = await topology.failover();
      expect(at).toBeLessThanOrEqual(performance.now());
      expect(node).not.toBe(masters.at(-1));
      expect(await node.role()).toBe('master');
      masters.push(node);
    }
  });

  it.each(['kill', 'freeze'] as const)('gets another master after a %s', async (fault) => {
    topology = await startTopology();
    const [old] = topology.nodes;
    if (!old) throw new Error('no master');
    const named = topology.waitForNewMaster(old);
    await old[fault]();

    const { node } = await named;
    expect(node).not.toBe(old);
    expect(await topology.masterOf()).toBe(node);
    expect(await node.role()).toBe('master');
  });

  it('takes a killed replica back, which is in sync again', async () => {
    topology = await startTopology();
    const [master, replica] = topology.nodes;
    if (!master || !replica) throw new Error('no replica');
    await replica.kill();
    await master.command('SET', 'key', 'value');

    await replica.start();

    await poll(async () => (await replica.command('GET', 'key')) === 'value', {
      what: 'the value on the replica',
    });
  });

  it('names a master although one of the Sentinels is frozen, and none without a majority of them', async () => {
    topology = await startTopology();
    const [first, second] = topology.sentinels;
    first?.freeze();
    expect(await topology.masterOf()).toBe(topology.nodes[0]);
    second?.freeze();
    expect(await topology.masterOf()).toBeUndefined();

    first?.thaw();
    second?.thaw();
    await poll(() => topology?.masterOf(), { what: 'a majority again' });
  });

  it('keeps out who has no password, lets users in, and is not disturbed by what a test does to them', async () => {
    topology = await startTopology({
      password: 'open sesame',
      sentinelPassword: 'mellon',
      users: { app: 'on >secret ~* &orders:* +@all' },
      links: true,
    });
    const options = topology.clientOptions();
    const client = new Redis({ ...options, lazyConnect: true });
    const app = new Redis({ ...options, username: 'app', password: 'secret', lazyConnect: true });
    try {
      await Promise.all([client.connect(), app.connect()]);
      expect(await client.publish('anything', 'x')).toBe(0);
      expect(await app.publish('orders:new', 'x')).toBe(0);
      await expect(app.publish('anything', 'x')).rejects.toThrow('NOPERM');
    } finally {
      client.disconnect();
      app.disconnect();
    }
    await Promise.all(topology.nodes.map((node) => node.command('ACL', 'SETUSER', 'default', 'off')));
    const { node } = await topology.failover();
    expect(await node.role()).toBe('master');
  });
});
