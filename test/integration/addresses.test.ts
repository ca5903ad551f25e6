import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';

import type { RedisResilientOptions } from '../../src/options.js';
import type { RedisNode } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';
import { CERTIFICATE, openTlsDoor } from '../support/tls-door.js';

const stage = new Stage();
afterEach(() => stage.close());

/** Listens, publishes through its own publisher, and takes its link for a new one, all by the same way. */
async function works(redis: RedisResilientOptions['redis'], master: string): Promise<void> {
  const subscriber = await stage.subscriber(redis);
  expect(subscriber.snapshot().master).toBe(master);
  await subscriber.engine.publish('orders.new', '{"n":1}');
  await subscriber.handled.first(({ n }) => n === 1);
  await subscriber.engine.monitor.rotate();
  await subscriber.engine.publish('orders.new', '{"n":2}');
  await subscriber.handled.first(({ n }) => n === 2);
  expect(subscriber.snapshot()).toMatchObject({ live: true, links: { made: 2 }, gaps: { total: 0 } });
}

it('A server is heard at the path of a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redis-resilient-'));
  stage.keep(folder, () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'redis.sock');
  await stage.redis({ config: { unixsocket: path } });
  await works({ path }, path);
});

it('A server is heard at an IPv6 address', async () => {
  const { port } = await stage.redis({});
  const host = '::ffff:127.0.0.1';
  await works({ host, port }, `${host}:${port}`);
});

it('A server is heard through TLS, and only where its certificate is known', async () => {
  const door = stage.keep(await openTlsDoor(await stage.redis({})), (each) => each.close());
  const address = { host: 'localhost', port: door.port };
  await works({ ...address, tls: { ca: CERTIFICATE } }, `localhost:${door.port}`);
  const stranger = stage.idleSubscriber({ ...address, tls: {} });
  stranger.engine.start();
  await stranger.engine.settled();
  expect(stranger.snapshot()).toMatchObject({ live: false, cause: 'start' });
  expect(stranger.snapshot().lastError).toContain('certificate');
});

it('A TLS handshake that hangs ends with its deadline, and is tried again', async () => {
  const redis = await stage.redis({ links: true });
  const door = stage.keep(await openTlsDoor(redis.clientAddress), (each) => each.close());
  const tls = { ca: CERTIFICATE };
  const silent = await stage.redis({ links: true });
  silent.inner.blackHole();
  let { port } = silent.clientAddress;
  const subscriber = stage.idleSubscriber(() => ({ host: 'localhost', port, tls }), {
    keepAlive: { interval: 500, suspectAfter: 200, timeout: 500 },
  });
  subscriber.engine.start();
  await subscriber.engine.settled();
  expect(subscriber.snapshot().lastError).toContain('500 ms');
  port = door.port;
  await subscriber.becomes(({ live }) => live);
});

it('A master that its Sentinels name by a host name is heard', async () => {
  const topology = await stage.topology({ links: false, replicas: 0 });
  const { port } = topology.nodes[0] as RedisNode;
  for (const sentinel of topology.sentinels) {
    await sentinel.command('SENTINEL', 'CONFIG', 'SET', 'resolve-hostnames', 'yes');
    await sentinel.command('SENTINEL', 'CONFIG', 'SET', 'announce-hostnames', 'yes');
    await sentinel.command('SENTINEL', 'MONITOR', 'named', 'localhost', String(port), '2');
  }
  await works({ ...topology.clientOptions(), name: 'named' }, `localhost:${port}`);
});
