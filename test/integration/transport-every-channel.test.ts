import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { Redis } from 'ioredis';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import type { RedisResilientContext } from '../../src/transport/context.js';
import { Collector } from '../support/collector.js';
import { Transports } from '../support/transport.js';

const heard = new Collector<{ channel: string; data: unknown }>();

@Controller()
class Everything {
  @MessagePattern('*')
  any(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    heard.add({ channel: context.getChannel(), data });
  }

  /** Redis lets no pattern match the channel without a name. */
  @MessagePattern('')
  unnamed(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    heard.add({ channel: context.getChannel(), data });
  }
}

@Controller()
class Canaries {
  @MessagePattern('__redis-resilient__:*')
  canary(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    heard.add({ channel: context.getChannel(), data });
  }
}

let redis: RedisNode;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  await transports.close();
  heard.items.length = 0;
});

const QUICK = { canary: { interval: 50, timeout: 2_000 } };

it('a handler of "*" hears every channel, also that without a name, and no canary of any instance', async () => {
  transports = new Transports(redis);
  await transports.serve(Everything, QUICK);
  await transports.client(QUICK).connect();
  const canaries: string[] = [];
  const watcher = new Redis(redis.clientAddress);
  transports.keep({ close: () => watcher.disconnect() });
  watcher.on('pmessage', (_, channel) => canaries.push(channel));
  await watcher.psubscribe('__redis-resilient__:*');
  await poll(() => canaries.length > 10 && new Set(canaries).size === 2, { what: 'canaries of both' });
  await redis.publish('', '"without a name"');
  await redis.publish('any', '1');
  await heard.first(({ channel }) => channel === 'any');
  expect(heard.items).toEqual([
    { channel: '', data: 'without a name' },
    { channel: 'any', data: 1 },
  ]);
});

it('whoever names the control channels hears them', async () => {
  transports = new Transports(redis);
  const { engine } = await transports.serve(Canaries, QUICK);
  const { channel } = await heard.first(() => true);
  expect(channel).toBe(`__redis-resilient__:${engine.instance}`);
});
