import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { ClientProxy, ClientsModule, EventPattern, MessagePattern } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { firstValueFrom, interval, map, Observable, take, toArray } from 'rxjs';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { RedisResilientClient } from '../../src/transport/client.js';
import { Collector } from '../support/collector.js';
import { Transports } from '../support/transport.js';

const heard = new Collector<unknown>();

@Controller()
class Echo {
  @MessagePattern('echo')
  echo(value: unknown): unknown {
    return value;
  }

  @MessagePattern('count')
  count(to: number): Observable<number> {
    return interval(1).pipe(
      take(to),
      map((n) => n + 1),
    );
  }

  @MessagePattern('forever')
  forever(): Promise<never> {
    return new Promise(() => undefined);
  }

  @MessagePattern('many.*')
  many(value: unknown): unknown {
    heard.add(['many', value]);
    return value;
  }

  @EventPattern('told')
  told(value: unknown): void {
    heard.add(value);
  }
}

let redis: RedisNode;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

afterEach(() => transports.close());

async function replyChannels(): Promise<string[]> {
  const channels = (await redis.command('PUBSUB', 'CHANNELS', '*.reply')) as unknown as string[];
  return channels.sort();
}

describe('send', () => {
  it('10,000 requests at once: every one is answered by its own reply', async () => {
    transports = new Transports(redis);
    const { engine } = await transports.serve(Echo);
    const client = transports.client({ client: { timeout: 40_000 } });
    const numbers = Array.from({ length: 10_000 }, (_, n) => n);
    const replies = await Promise.all(numbers.map((n) => firstValueFrom(client.send<number>('echo', n))));
    expect(replies).toEqual(numbers);
    expect(client.pending).toBe(0);
    expect(engine.monitor.snapshot().gaps.total).toBe(0);
  });

  it('two clients on one channel get each their own', async () => {
    transports = new Transports(redis);
    await transports.serve(Echo);
    const clients = [transports.client(), transports.client()];
    const replies = await Promise.all(
      clients.flatMap((client, who) =>
        Array.from({ length: 500 }, (_, n) => firstValueFrom(client.send('echo', [who, n]))),
      ),
    );
    expect(replies).toEqual(clients.flatMap((_, who) => Array.from({ length: 500 }, (__, n) => [who, n])));
  });

  it('is a request for each subscriber, and passes a stream on value by value', async () => {
    transports = new Transports(redis);
    await transports.serve(Echo);
    const count$ = transports.client().send<number>('count', 5).pipe(toArray());
    expect(await Promise.all([firstValueFrom(count$), firstValueFrom(count$)])).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  it('subscribes a reply channel once, keeps it, and gives up the least recently used', async () => {
    transports = new Transports(redis);
    await transports.serve(Echo);
    const client = transports.client();
    const count = 1_050;
    for (let from = 0; from < count; from += 50) {
      const some = Array.from({ length: 50 }, (_, i) => `many.${String(from + i).padStart(4, '0')}`);
      await Promise.all(some.map((pattern) => firstValueFrom(client.send(pattern, 1))));
    }
    await poll(async () => (await replyChannels()).length === 1_000, { what: '1,000 reply channels' });
    const kept = await replyChannels();
    expect(kept.at(-1)).toBe('many.1049.reply');
    expect(kept).not.toContain('many.0000.reply');
    expect(await firstValueFrom(client.send('many.0000', 'again'))).toBe('again');
  });

  it('leaves nothing behind when it is cancelled, and keeps the reply channel', async () => {
    transports = new Transports(redis);
    await transports.serve(Echo);
    const client = transports.client();
    const request = client.send('forever', 1).subscribe();
    await poll(async () => (await replyChannels()).length === 1, { what: 'the reply channel' });
    request.unsubscribe();
    expect(client.pending).toBe(0);
    client.send('forever', 1).subscribe().unsubscribe();
    expect(client.pending).toBe(0);
  });

  it('goes through serializers and deserializers, sync and async', async () => {
    const soon = async <T>(value: T): Promise<T> => {
      await new Promise((resolve) => setImmediate(resolve));
      return value;
    };
    const wrap = { serialize: (packet: unknown) => soon({ wrapped: packet }) };
    const unwrap = { deserialize: (value: unknown) => soon((value as { wrapped: never }).wrapped) };
    transports = new Transports(redis);
    await transports.serve(Echo, { serializer: wrap, deserializer: unwrap });
    const client = transports.client({ client: { serializer: wrap, deserializer: unwrap } });
    expect(await firstValueFrom(client.send('echo', { a: 1 }))).toEqual({ a: 1 });
    expect(await firstValueFrom(client.send('count', 3).pipe(toArray()))).toEqual([1, 2, 3]);
    await firstValueFrom(client.emit('told', 'wrapped'), { defaultValue: undefined });
    await heard.first((value) => value === 'wrapped');
    // The reply comes on a channel that the pattern matches, and is neither heard nor answered.
    heard.items.length = 0;
    expect(await firstValueFrom(client.send('many.one', 1))).toBe(1);
    expect(await firstValueFrom(client.send('many.two', 2))).toBe(2);
    expect(heard.items).toEqual([
      ['many', 1],
      ['many', 2],
    ]);
  });
});

describe('emit', () => {
  it('happens at once, without anybody subscribing to it', async () => {
    transports = new Transports(redis);
    await transports.serve(Echo);
    transports.client().emit('told', { hot: true });
    await heard.first((value) => (value as { hot?: boolean } | undefined)?.hot === true);
  });

  it('to nobody is no error', async () => {
    transports = new Transports(redis);
    await expect(
      firstValueFrom(transports.client().emit('nobody', 1), { defaultValue: undefined }),
    ).resolves.toBeUndefined();
  });
});

it('works as customClass of ClientsModule', async () => {
  transports = new Transports(redis);
  await transports.serve(Echo);
  const module = await Test.createTestingModule({
    imports: [
      ClientsModule.register([
        {
          name: 'ECHO',
          customClass: RedisResilientClient,
          options: { redis: redis.clientAddress },
        },
      ]),
    ],
  }).compile();
  const app = transports.keep(module);
  const client = app.get<ClientProxy>('ECHO');
  await client.connect();
  expect(await firstValueFrom(client.send<string, string>('echo', 'hi'))).toBe('hi');
});

it('shares the engine of a server, and does not close it', async () => {
  transports = new Transports(redis);
  const { engine, server } = await transports.serve(Echo);
  const client = new RedisResilientClient(engine);
  expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
  await client.close();
  expect(engine.monitor.snapshot().live).toBe(true);
  await redis.publish('told', '"still here"');
  await heard.first((value) => value === 'still here');
  expect(server.pending).toBe(0);
});

it('on the engine of a server whose pattern matches its replies, each gets what is meant for it', async () => {
  transports = new Transports(redis);
  const { engine, server } = await transports.serve(Echo);
  const client = new RedisResilientClient(engine);
  for (const n of [1, 2, 3]) expect(await firstValueFrom(client.send('many.one', n))).toBe(n);
  await poll(() => server.pending === 0, { what: 'nothing pending' });
  await client.close();
  expect(server.complaints).toEqual({});
});

it('ignores replies to nobody, replies that come twice, and what is no reply', async () => {
  transports = new Transports(redis);
  const responder = new Redis(redis.clientAddress);
  transports.keep({ close: () => responder.disconnect() });
  await responder.subscribe('by.hand');
  const requests = new Collector<{ id: string }>();
  responder.on('message', (_, text) => requests.add(JSON.parse(text) as { id: string }));
  const client = transports.client();
  const values = new Collector<unknown>();
  let ended = false;
  client.send('by.hand', 1).subscribe({ next: values.add, complete: () => (ended = true) });
  const { id } = await requests.first(() => true);
  const replies = [
    'hello',
    '{"id":',
    'null',
    '{"id":"of somebody else","response":0,"isDisposed":true}',
    `{"id":["${id}"],"response":0,"isDisposed":true}`,
    `"${id}"`,
    JSON.stringify({ id, response: 1 }),
    JSON.stringify({ id, response: 2, isDisposed: true }),
    JSON.stringify({ id, response: 2, isDisposed: true }),
    JSON.stringify({ id, err: 'too late', isDisposed: true }),
  ];
  for (const reply of replies) await redis.publish('by.hand.reply', reply);
  await poll(() => ended, { what: 'the end of the request' });
  expect(values.items).toEqual([1, 2]);
  await poll(() => client.complaints.strayReply === 2, { what: 'both replies after the last one counted' });
  expect(client.complaints).toEqual({ strayReply: 2 });
  expect(client.pending).toBe(0);
});
