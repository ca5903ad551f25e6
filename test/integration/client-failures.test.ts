import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { firstValueFrom, type Observable, retry } from 'rxjs';
import type { RedisResilientErrorCode } from '../../src/errors.js';
import type { Snapshot } from '../../src/redis/snapshot.js';
import { freePort, poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { RedisResilientClient } from '../../src/transport/client.js';
import { Transports } from '../support/transport.js';

@Controller()
class Answers {
  @MessagePattern('echo')
  echo(value: unknown): unknown {
    return value;
  }

  @MessagePattern('forever')
  forever(): Promise<never> {
    return new Promise(() => undefined);
  }
}

let redis: RedisNode;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

afterEach(async () => {
  redis.thaw();
  await redis.command('ACL', 'SETUSER', 'default', 'allchannels');
  await transports.close();
});

async function failure(
  request: Observable<unknown>,
): Promise<{ code: RedisResilientErrorCode; message: string }> {
  return firstValueFrom(request, { defaultValue: undefined }).then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error as { code: RedisResilientErrorCode; message: string },
  );
}

describe('a request fails', () => {
  it('at once when its reply may be lost, and the next one is answered', async () => {
    transports = new Transports(redis);
    const { engine } = await transports.serve(Answers, { drainTimeout: 100 });
    const client = transports.client();
    expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
    const lost = failure(client.send('forever', 1));
    await poll(() => client.pending === 1, { what: 'a request' });
    await poll(async () => String(await redis.command('PUBSUB', 'NUMSUB', 'forever.reply')).endsWith('1'), {
      what: 'the reply channel',
    });
    await firstValueFrom(client.send('echo', 2));
    const before = performance.now();
    await redis.killPubSub();
    expect((await lost).code).toBe('REPLY_LOST');
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(client.pending).toBe(0);
    const isBack = ({ live, links }: Snapshot): boolean => live && links.made > 1;
    await poll(() => isBack(engine.monitor.snapshot()), { what: 'the server listening again' });
    expect(await firstValueFrom(client.send('echo', 3))).toBe(3);
  });

  it('after client.timeout without a reply', async () => {
    transports = new Transports(redis);
    await transports.serve(Answers, { drainTimeout: 100 });
    const client = transports.client({ client: { timeout: 100 } });
    const { code, message } = await failure(client.send('forever', 1));
    expect(code).toBe('TIMEOUT');
    expect(message).toContain('"forever"');
    expect(client.pending).toBe(0);
  });

  it.each<[string, () => unknown]>([
    ['BigInt', () => 1n],
    [
      'a cycle',
      () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        return cycle;
      },
    ],
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('x')],
    [
      'what throws when it is written',
      () => ({
        toJSON: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('where JSON cannot hold its data: %s', async (_, data) => {
    transports = new Transports(redis);
    const client = transports.client();
    expect((await failure(client.send('echo', data()))).code).toBe('UNSERIALIZABLE');
    expect((await failure(client.emit('echo', data()))).code).toBe('UNSERIALIZABLE');
    expect(client.pending).toBe(0);
  });

  it('where a serializer rejects, with the error of the serializer', async () => {
    transports = new Transports(redis);
    const serializer = { serialize: () => Promise.reject(new Error('no key')) };
    const client = transports.client({ client: { serializer } });
    expect((await failure(client.send('echo', 1))).message).toBe('no key');
    expect((await failure(client.emit('echo', 1))).message).toBe('no key');
    expect(client.pending).toBe(0);
  });

  it('when the client closes, also one that is repeated by retry()', async () => {
    transports = new Transports(redis);
    await transports.serve(Answers, { drainTimeout: 100 });
    const client = transports.client();
    const repeated = failure(client.send('forever', 1).pipe(retry(3)));
    await poll(() => client.pending === 1, { what: 'a request' });
    await client.close();
    expect((await repeated).code).toBe('CLOSED');
    expect((await failure(client.emit('echo', 1))).code).toBe('CLOSED');
    await expect(client.connect()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('when Redis refuses the reply channel, without harm to others', async () => {
    transports = new Transports(redis);
    await transports.serve(Answers, { drainTimeout: 100 });
    await redis.command('ACL', 'SETUSER', 'default', 'resetchannels', '&echo*', '&forever', '&__redis*');
    const client = transports.client();
    expect((await failure(client.send('forbidden', 1))).code).toBe('REFUSED');
    expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
    await poll(() => client.unwrap().snapshot().live, { what: 'live without the refused channel' });
  });
});

describe('while Redis is away', () => {
  it('emit and send fail within publishTimeout, and nothing hangs', async () => {
    transports = new Transports(redis);
    const port = await freePort();
    const options = { redis: { host: '127.0.0.1', port }, client: { publishTimeout: 300 } };
    const client = transports.keep(new RedisResilientClient(options));
    const before = performance.now();
    const codes = await Promise.all([failure(client.emit('a', 1)), failure(client.send('a', 1))]);
    expect(performance.now() - before).toBeLessThan(1_500);
    for (const { code } of codes) expect(['CONNECTION', 'TIMEOUT']).toContain(code);
    expect(client.pending).toBe(0);
  });

  it('frozen, likewise', async () => {
    transports = new Transports(redis);
    const client = transports.client({ client: { publishTimeout: 300 } });
    redis.freeze();
    const codes = await Promise.all([failure(client.emit('a', 1)), failure(client.send('a', 1))]);
    for (const { code } of codes) expect(['CONNECTION', 'TIMEOUT']).toContain(code);
  });

  it('in the middle of 2,000 requests: each is answered or fails, none hangs', async () => {
    transports = new Transports(redis);
    await transports.serve(Answers, { drainTimeout: 100 });
    const client = transports.client({ client: { timeout: 10_000 } });
    let answered = 0;
    const failed: string[] = [];
    const all = Array.from({ length: 2_000 }, (_, n) =>
      firstValueFrom(client.send<number>('echo', n)).then(
        (reply) => {
          expect(reply).toBe(n);
          answered += 1;
        },
        (error: unknown) => failed.push((error as { code: string }).code),
      ),
    );
    await poll(() => answered > 0, { deadline: 20_000, every: 1, what: 'the first replies' });
    await redis.kill();
    await Promise.all(all);
    expect(answered + failed.length).toBe(2_000);
    expect(failed).not.toContain(undefined);
    expect(client.pending).toBe(0);
    await redis.start();
    const reply = firstValueFrom(client.send('echo', 'back').pipe(retry({ count: 20, delay: 100 })));
    expect(await reply).toBe('back');
  });
});
