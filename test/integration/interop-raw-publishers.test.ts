import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { bringRedisServer, type RedisNode, startRedis } from '../../src/testing/index.js';
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

type Publish = (channel: string, payload: string) => Promise<unknown>;

const run = promisify(execFile);
const PYTHON = 'import redis, sys; redis.Redis(port=int(sys.argv[1])).publish(sys.argv[2], sys.argv[3])';

/** Programs that know nothing of Nest; those that this machine has. */
async function publishers(): Promise<[string, Publish][]> {
  const { cli } = await bringRedisServer();
  const found: [string, Publish][] = [
    ['a RESP client', (channel, payload) => redis.publish(channel, payload)],
  ];
  if (cli) {
    found.push(['redis-cli', (...args) => run(cli, ['-p', String(redis.port), 'publish', ...args])]);
  }
  if (hasPythonRedis()) {
    found.push(['Python', (...args) => run('python3', ['-c', PYTHON, String(redis.port), ...args])]);
  }
  return found;
}

function hasPythonRedis(): boolean {
  try {
    execFileSync('python3', ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
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

describe('what other programs publish', () => {
  it.each<[string, string, unknown]>([
    ['JSON as an object', '{"id":1}', { id: 1 }],
    ['text as a string', 'hello', 'hello'],
    ['data that is no Nest packet whole', '{"data":5,"type":"x"}', { data: 5, type: 'x' }],
    ['a number as a number', '17', 17],
    ['a hand-made Nest packet opened', '{"pattern":"orders.new","data":{"id":2}}', { id: 2 }],
    ['words of every script', 'grüße, 你好, 🎉', 'grüße, 你好, 🎉'],
  ])('arrives: %s', async (_, payload, data) => {
    for (const [, publish] of await publishers()) {
      const before = seen.items.length;
      await publish('orders.new', payload);
      await seen.atLeast(before + 1);
      expect(seen.items.at(-1)).toEqual({ channel: 'orders.new', pattern: 'orders.*', data });
    }
  });

  it('arrives untouched where the handler asks for bytes', async () => {
    for (const [, publish] of await publishers()) {
      const before = seen.items.length;
      await publish('bytes.raw', '{"id":1}');
      await seen.atLeast(before + 1);
      expect(seen.items.at(-1)?.data).toEqual(Buffer.from('{"id":1}'));
    }
  });

  it('arrives on channels with spaces, newlines, globs, and of 64 KB', async () => {
    for (const name of ['a b', 'a\r\nb', '*', '[x]?', '', 'n'.repeat(65_536)]) {
      const before = seen.items.length;
      await redis.publish(`orders.${name}`, '1');
      await seen.atLeast(before + 1);
      expect(seen.items.at(-1)?.channel).toBe(`orders.${name}`);
    }
  });
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
