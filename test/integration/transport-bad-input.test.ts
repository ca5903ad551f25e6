import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import type { RedisResilientContext } from '../../src/transport/context.js';
import { Collector } from '../support/collector.js';
import { Transports } from '../support/transport.js';

interface Seen {
  channel: string;
  pattern: string;
  data: unknown;
}

const seen = new Collector<Seen>();

@Controller()
class Orders {
  @MessagePattern('orders.*')
  onOrder(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    seen.add({ channel: context.getChannel(), pattern: context.getPattern(), data });
  }

  @MessagePattern('bytes.*', { payload: 'buffer' })
  onBytes(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    seen.add({ channel: context.getChannel(), pattern: context.getPattern(), data });
  }
}

let redis: RedisNode;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
  transports = new Transports(redis);
  await transports.serve(Orders);
});
afterAll(async () => {
  await transports.close();
  await redis.stop();
});

it('bytes arrive untouched where the handler asks for them', async () => {
  const before = seen.items.length;
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x0d, 0x0a]);
  await redis.publish('bytes.raw', bytes);
  await seen.atLeast(before + 1);
  expect(seen.items.at(-1)?.data).toEqual(bytes);
});

it('messages arrive on channels with spaces, newlines, globs, and of 64 KB', async () => {
  for (const name of ['a b', 'a\r\nb', '*', '[x]?', '', 'n'.repeat(65_536)]) {
    const before = seen.items.length;
    await redis.publish(`orders.${name}`, '1');
    await seen.atLeast(before + 1);
    expect(seen.items.at(-1)?.channel).toBe(`orders.${name}`);
  }
});

describe('hostile messages', () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);

  it.each<[string, string | Buffer]>([
    ['truncated JSON', '{"pattern":"orders.x","data":'],
    ['JSON of 10,000 levels', deep],
    ['a packet with a deep pattern', `{"pattern":${deep},"data":1,"id":1}`],
    ['a request with a deep id', `{"pattern":"orders.x","data":1,"id":${deep}}`],
    ['__proto__', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
    ['nothing', ''],
    ['a request whose reply has the same pattern', '{"pattern":"orders.x","data":1,"id":1}'],
    ['8 MB', 'x'.repeat(8_000_000)],
  ])('%s costs only itself', async (_, payload) => {
    const before = seen.items.length;
    await redis.publish('orders.x', String(payload));
    await redis.publish('orders.x.reply', String(payload));
    await redis.publish('orders.last', '"after"');
    await seen.first(({ channel, data }) => channel === 'orders.last' && data === 'after');
    const channels = seen.items.slice(before).map(({ channel }) => channel);
    expect(channels).toEqual(['orders.x', 'orders.x.reply', 'orders.last']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    seen.items.length = 0;
  });

  it('invalid UTF-8 arrives as text', async () => {
    const before = seen.items.length;
    await redis.command('EVAL', "return redis.call('PUBLISH', 'orders.bad', '\\255\\254A')", '0');
    await seen.atLeast(before + 1);
    expect(seen.items.at(-1)?.data).toBe('\uFFFD\uFFFDA');
  });
});
