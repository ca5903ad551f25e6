import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { poll, type RedisNode, startTopology, type Topology } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';

describe('A topology with links', () => {
  let topology: Topology;
  let master: RedisNode;
  const clients: Redis[] = [];

  beforeEach(async () => {
    topology = await startTopology({ links: true });
    master = await poll(() => topology.masterOf());
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await topology.stop();
  });

  async function subscribe(options: object): Promise<{ client: Redis; heard: Collector<string> }> {
    const client = new Redis({ ...options, lazyConnect: true });
    clients.push(client);
    const heard = new Collector<string>();
    client.on('message', (_channel: string, message: string) => heard.add(message));
    await client.connect();
    await client.subscribe('news');
    return { client, heard };
  }

  it('leads ioredis to the master through the inner links only', async () => {
    const { client } = await subscribe(topology.clientOptions());
    const { port } = master.inner.address;
    expect(client.stream.remotePort).toBe(port);
    expect(master.inner.connections).toBe(1);
  });

  it('leaves an isolated master to its clients, and everybody else to another master', async () => {
    const { heard } = await subscribe(master.clientAddress);
    const named = topology.waitForNewMaster(master);
    topology.isolate(master);
    const { node } = await named;

    expect(await Promise.all([master.role(), node.role()])).toEqual(['master', 'master']);
    expect(await master.publish('news', 'from the old one')).toBe(1);
    expect(await node.publish('news', 'from the new one')).toBe(0);
    await heard.first((message) => message === 'from the old one');
    expect(heard.items).toEqual(['from the old one']);
  });

  it('keeps the isolated together: a Sentinel beside the old master goes on naming it', async () => {
    const [beside, ...others] = topology.sentinels;
    if (!beside) throw new Error('no Sentinel');
    const named = topology.waitForNewMaster(master);
    const heal = topology.isolate(master, beside);
    const { node } = await named;

    await poll(async () => (await beside.sentinels()).every(({ flags }) => flags?.includes('s_down')), {
      deadline: 10_000,
      what: 'that it takes the other Sentinels for down',
    });
    expect((await beside.master()).flags).toBe('master');
    expect(await topology.masterOf(beside)).toBe(master);
    for (const other of others) expect(await topology.masterOf(other)).toBe(node);

    heal();
    await poll(async () => (await topology.masterOf(beside)) === node, {
      deadline: 30_000,
      what: 'agreement',
    });
  });

  it('isolates a replica', async () => {
    const [replica] = await topology.replicas();
    if (!replica) throw new Error('no replica');
    topology.isolate(replica);
    for (const sentinel of topology.sentinels) {
      await poll(
        async () => {
          const seen = await sentinel.replicas();
          return seen.find(({ port }) => port === String(replica.address.port))?.flags?.includes('s_down');
        },
        { deadline: 10_000, what: 'that a Sentinel takes it for down' },
      );
    }
    await master.command('SET', 'key', 'value');
    expect(await replica.command('GET', 'key')).toBeNull();
  });

  it('cuts clients off from everybody, delivers what they missed, and leaves the servers alone', async () => {
    const { client, heard } = await subscribe(topology.clientOptions());
    const heal = topology.cutOffClients();
    for (let n = 0; n < 50; n++) await master.publish('news', String(n));
    const another = new Redis({
      ...topology.clientOptions(),
      lazyConnect: true,
      sentinelCommandTimeout: 300,
    });
    clients.push(another);
    another.on('error', () => undefined);
    const connecting = another.connect();
    expect(await topology.masterOf()).toBe(master);
    expect(heard.items).toEqual([]);

    heal();
    expect(await heard.atLeast(50)).toHaveLength(50);
    expect(client.status).toBe('ready');
    await connecting;
  });
});
