import { connect } from 'node:net';
import { once } from 'node:events';

import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { poll, type RedisNode, RedisReplyError, startRedis } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';

describe('A single Redis server', () => {
  let redis: RedisNode | undefined;
  const clients: Redis[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) if (client.status !== 'end') client.disconnect();
    await redis?.stop();
  });

  async function subscribe(
    node: RedisNode,
    pattern: string,
  ): Promise<{ client: Redis; heard: Collector<string> }> {
    const client = new Redis({ ...node.clientAddress, retryStrategy: null });
    clients.push(client);
    const heard = new Collector<string>();
    client.on('pmessage', (_pattern: string, _channel: string, message: string) => heard.add(message));
    await client.psubscribe(pattern);
    return { client, heard };
  }

  it('answers commands, gives errors as errors, and carries bytes as they are', async () => {
    redis = await startRedis({ config: { maxclients: 50 } });
    expect(await redis.command('SET', 'key', 'wörld')).toBe('OK');
    expect(await redis.command('GET', 'key')).toBe('wörld');
    expect(await redis.command('GET', 'nothing')).toBeNull();
    expect(await redis.command('CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '50']);
    expect(await redis.command('SETRANGE', 'key', 7, Uint8Array.of(0, 13, 10))).toBe(10);
    await expect(redis.command('NONSENSE')).rejects.toThrow(RedisReplyError);
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const echo = redis.command.bind(redis);
    expect(await Promise.all(numbers.map((n) => echo('ECHO', n)))).toEqual(numbers.map(String));
  });

  it('publishes, and closes the connections that are subscribed', async () => {
    redis = await startRedis();
    const { client, heard } = await subscribe(redis, 'orders.*');
    expect(await redis.publish('orders.new', 'first')).toBe(1);
    await heard.first((message) => message === 'first');

    const closed = once(client, 'close');
    expect(await redis.killPubSub()).toBe(1);
    await closed;
    expect(await redis.publish('orders.new', 'second')).toBe(0);
  });

  it('says nothing while it is frozen, keeps its connections, and goes on when it is thawed', async () => {
    redis = await startRedis();
    const { client, heard } = await subscribe(redis, 'orders.*');
    redis.freeze();
    const socket = connect(redis.clientAddress);
    await once(socket, 'connect');
    socket.destroy();
    await expect(redis.command('PING')).rejects.toThrow('no reply to PING within 2000 ms');

    redis.thaw();
    await poll(async () => redis?.publish('orders.new', 'after'), { what: 'a receiver' });
    await heard.first((message) => message === 'after');
    expect(client.status).toBe('ready');
  });

  it.each(['kill', 'shutdown'] as const)('is back at the same port after a %s', async (end) => {
    redis = await startRedis();
    const { port, pid } = redis;
    const { client } = await subscribe(redis, 'orders.*');
    const closed = once(client, 'close');
    await redis[end]();
    await closed;
    expect(redis.pid).toBeUndefined();
    await expect(redis.command('PING')).rejects.toThrow('ECONNREFUSED');

    await redis.start();
    expect(redis.port).toBe(port);
    expect(redis.pid).not.toBe(pid);
    expect(await redis.command('PING')).toBe('PONG');
  });

  it('says what its log says when it does not start', async () => {
    await expect(startRedis({ config: { maxclients: 'many' } })).rejects.toThrow(
      /redis did not start:[^]*maxclients/,
    );
  });

  it('has an inner link where one was asked for, and says so where none was', async () => {
    redis = await startRedis({ links: true });
    expect(redis.clientAddress).toEqual(redis.inner.address);
    expect(() => redis?.outer).toThrow('start it with `links: true`');
    const { heard } = await subscribe(redis, 'orders.*');
    const heal = redis.inner.blackHole();
    for (let n = 0; n < 100; n++) await redis.publish('orders.new', String(n));
    expect(heard.items).toEqual([]);
    heal();
    expect(await heard.atLeast(100)).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
  });
});
