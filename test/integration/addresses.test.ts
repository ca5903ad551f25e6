import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';

import type { RedisResilientOptions } from '../../src/options.js';
import type { RedisNode } from '../../src/testing/index.js';
import { makeCertificate } from '../support/certificate.js';
import { Stage } from '../support/stage.js';

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

it('A TLS handshake that hangs ends with its deadline, and is tried again', async () => {
  const certificate = await makeCertificate();
  const tls = { ca: certificate.ca };
  const redis = await stage.redis({ tls: certificate });
  const silent = await stage.redis({ tls: certificate, links: true });
  silent.inner.blackHole();
  let at = silent.clientAddress;
  const subscriber = stage.idleSubscriber(() => ({ ...at, tls }), {
    keepAlive: { interval: 500, suspectAfter: 200, timeout: 500 },
  });
  subscriber.engine.start();
  await subscriber.engine.settled();
  expect(subscriber.snapshot().lastError).toContain('500 ms');
  at = redis.clientAddress;
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
