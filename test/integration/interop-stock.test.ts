import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import {
  type ClientProxy,
  ClientRedis,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RedisContext,
  RpcException,
  ServerRedis,
} from '@nestjs/microservices';
import {
  catchError,
  EMPTY,
  firstValueFrom,
  from,
  lastValueFrom,
  type Observable,
  of,
  throwError,
  toArray,
} from 'rxjs';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';
import { Transports } from '../support/transport.js';

const events = new Collector<{ channel: string; data: unknown }>();

@Controller()
class Calculator {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]): number {
    return numbers.reduce((a, b) => a + b, 0);
  }

  @MessagePattern({ cmd: 'later' })
  async later(@Payload() value: unknown): Promise<unknown> {
    return value;
  }

  @MessagePattern(7)
  stream(): Observable<number> {
    return from([1, 2, 3]);
  }

  @MessagePattern('nothing')
  nothing(): void {
    return undefined;
  }

  @MessagePattern('empty')
  empty(): Observable<never> {
    return EMPTY;
  }

  @MessagePattern('throws')
  throws(): never {
    throw new Error('not for the caller');
  }

  @MessagePattern('refuses')
  refuses(): never {
    throw new RpcException('no');
  }

  @MessagePattern('refuses.with')
  refusesWith(): never {
    throw new RpcException({ status: 'error', code: 42 });
  }

  @MessagePattern('breaks')
  breaks(): Observable<never> {
    return throwError(() => new RpcException('mid-stream'));
  }

  @EventPattern<'told'>('told')
  told(@Payload() data: unknown, @Ctx() context: RedisContext): void {
    events.add({ channel: context.getChannel(), data });
  }
}

@Controller()
class Users {
  @MessagePattern('users.*')
  get(@Payload() data: unknown, @Ctx() context: RedisContext): unknown {
    events.add({ channel: context.getChannel(), data });
    return { got: context.getChannel() };
  }
}

/** What a caller sees of a request: its values, or the error it ended with. */
function outcome(client: ClientProxy, pattern: unknown, data: unknown): Promise<unknown> {
  return lastValueFrom(
    client.send<unknown>(pattern, data).pipe(
      toArray(),
      catchError((error: unknown) => of({ error })),
    ),
  );
}

const requests: [string, unknown, unknown][] = [
  ['a value', 'sum', [1, 2, 3]],
  ['a promise', { cmd: 'later' }, { deep: ['x', null, 1.5] }],
  ['many values', 7, ''],
  ['nothing', 'nothing', ''],
  ['an empty stream', 'empty', ''],
  ['an error', 'throws', ''],
  ['an RpcException', 'refuses', ''],
  ['an RpcException with an object', 'refuses.with', ''],
  ['a stream that ends with an error', 'breaks', ''],
];

let redis: RedisNode;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

afterEach(() => transports.close());

/** Nest declares its own client so that it is no `ClientProxy` to the compiler. */
const stockClient = (): ClientProxy =>
  transports.keep(new ClientRedis(stockOptions())) as unknown as ClientProxy;

const stockOptions = (): { host: string; port: number; retryAttempts: number } => ({
  ...redis.clientAddress,
  retryAttempts: 3,
});

describe('what a caller sees is the same with the stock server and with ours', () => {
  it.each(requests)('%s, asked by the stock client and by ours', async (_, pattern, data) => {
    const seen: unknown[] = [];
    for (const ours of [false, true]) {
      transports = new Transports(redis);
      if (ours) await transports.serve(Calculator);
      else await transports.serveStock(Calculator, { strategy: new ServerRedis(stockOptions()) });
      seen.push(await outcome(stockClient(), pattern, data));
      seen.push(await outcome(transports.client(), pattern, data));
      await transports.close();
    }
    expect(seen[0]).toBeDefined();
    expect(seen).toEqual([seen[0], seen[0], seen[0], seen[0]]);
  });

  it.each([
    ['the stock client', 'our server'],
    ['our client', 'the stock server'],
    ['our client', 'our server'],
  ])('events of %s reach %s', async (sender, receiver) => {
    transports = new Transports(redis);
    if (receiver === 'our server') await transports.serve(Calculator);
    else await transports.serveStock(Calculator, { strategy: new ServerRedis(stockOptions()) });
    const client = sender === 'our client' ? transports.client() : stockClient();
    const before = events.items.length;
    await firstValueFrom(client.emit('told', { id: 1 }), { defaultValue: undefined });
    await events.atLeast(before + 1);
    expect(events.items.at(-1)).toEqual({ channel: 'told', data: { id: 1 } });
  });
});

describe('with wildcards', () => {
  it.each(['stock', 'ours'])('the %s client gets the reply of our server', async (kind) => {
    transports = new Transports(redis);
    await transports.serve(Users);
    const client = kind === 'ours' ? transports.client() : stockClient();
    const before = events.items.length;
    expect(await firstValueFrom(client.send('users.get', 1))).toEqual({ got: 'users.get' });
    expect(await firstValueFrom(client.send('users.list', 2))).toEqual({ got: 'users.list' });
    // The replies travelled on channels that the handler's pattern matches.
    expect(events.items.slice(before)).toEqual([
      { channel: 'users.get', data: 1 },
      { channel: 'users.list', data: 2 },
    ]);
  });

  it('our client gets the reply of the stock server of Nest 12; that of Nest 11 sends it elsewhere', async () => {
    transports = new Transports(redis);
    await transports.serveStock(Users, { strategy: new ServerRedis({ ...stockOptions(), wildcards: true }) });
    // Nest 11 replies on `<pattern>.reply`, where no client listens.
    const repliesToChannel = 'handleRequest' in ServerRedis.prototype;
    const client = transports.client({ client: { timeout: repliesToChannel ? 5_000 : 300 } });
    expect(await outcome(client, 'users.get', 1)).toEqual(
      repliesToChannel
        ? [{ got: 'users.get' }]
        : { error: expect.objectContaining({ code: 'TIMEOUT' }) as unknown },
    );
  });
});
