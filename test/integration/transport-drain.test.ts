import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { catchError, firstValueFrom, interval, map, Observable, of, Subject, take } from 'rxjs';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Transports } from '../support/transport.js';

let gate = new Subject<void>();
let taken = 0;

@Controller()
class Slow {
  @MessagePattern('slow')
  async slow(n: number): Promise<number> {
    taken += 1;
    await firstValueFrom(gate, { defaultValue: undefined });
    return n;
  }

  @MessagePattern('brief')
  brief(n: number): Observable<number> {
    taken += 1;
    return interval(20).pipe(
      take(1),
      map(() => n),
    );
  }

  @EventPattern('stuck')
  stuck(_: unknown): Promise<void> {
    taken += 1;
    return new Promise(() => undefined);
  }

  @EventPattern('queued', { dispatch: { concurrency: 1 } })
  queued(_: unknown): Promise<void> {
    taken += 1;
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
  gate.complete();
  redis.thaw();
  await transports.close();
  gate = new Subject();
  taken = 0;
});

describe('close', () => {
  it('lets handlers finish and their replies go out', async () => {
    transports = new Transports(redis);
    const { app } = await transports.serve(Slow);
    const client = transports.client();
    const replies = Promise.all([1, 2, 3].map((n) => firstValueFrom(client.send('slow', n))));
    await poll(() => taken === 3, { what: 'requests in the handlers' });
    const closed = app.close();
    gate.complete();
    expect(await replies).toEqual([1, 2, 3]);
    await closed;
  });

  it('under load answers every request that was taken', async () => {
    transports = new Transports(redis);
    const { app } = await transports.serve(Slow);
    const client = transports.client({ client: { timeout: 3_000 } });
    let answered = 0;
    let sent = 0;
    const all: Promise<unknown>[] = [];
    const load = setInterval(() => {
      for (let i = 0; i < 5; i += 1) {
        sent += 1;
        const reply = client.send<number>('brief', sent).pipe(catchError(() => of(0)));
        all.push(firstValueFrom(reply).then((n) => (answered += n > 0 ? 1 : 0)));
      }
    }, 5);
    await poll(() => answered > 200, { deadline: 10_000, what: 'load' });
    await app.close();
    clearInterval(load);
    await poll(() => answered === taken, { what: 'every request that was taken answered' });
    expect(sent).toBeGreaterThanOrEqual(taken);
    await client.close();
    await Promise.all(all);
    expect(answered).toBe(taken);
  });

  it('takes nothing new', async () => {
    transports = new Transports(redis);
    const { server } = await transports.serve(Slow);
    await redis.publish('slow', '1');
    await poll(() => taken === 1, { what: 'a message' });
    const drained = server.drain();
    await redis.publish('slow', '2');
    await redis.publish('slow', '3');
    gate.complete();
    await drained;
    expect(taken).toBe(1);
  });

  it('gives up after drainTimeout and says in one line what could not finish', async () => {
    transports = new Transports(redis);
    const { app, logs, server } = await transports.serve(Slow, { drainTimeout: 200 });
    for (const channel of ['stuck', 'stuck', 'queued', 'queued', 'queued']) await redis.publish(channel, '1');
    await poll(() => server.pending === 5, { what: 'all messages' });
    expect(taken).toBe(3);
    const before = performance.now();
    await app.close();
    expect(performance.now() - before).toBeLessThan(3_000);
    const lines = logs.ours('warn').filter((line) => line.includes('unfinished'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('5 messages unfinished');
    expect(lines[0]).toContain('3 in handlers');
    expect(lines[0]).toContain('2 waiting');
  });

  it('is not held up by a frozen Redis', async () => {
    transports = new Transports(redis);
    const { app } = await transports.serve(Slow, { drainTimeout: 500, client: { publishTimeout: 300 } });
    const client = transports.client({ client: { timeout: 200 } });
    const reply = firstValueFrom(client.send('slow', 1).pipe(catchError(() => of('failed'))));
    await poll(() => taken === 1, { what: 'a request in the handler' });
    redis.freeze();
    gate.complete();
    const before = performance.now();
    await app.close();
    await client.close();
    expect(performance.now() - before).toBeLessThan(3_500);
    expect(await reply).toBe('failed');
  });

  it('may be called twice, before listen() and after it', async () => {
    transports = new Transports(redis);
    const { server } = await transports.serve(Slow);
    expect(server.close()).toBe(server.close());
    await server.close();
    const error = await new Promise((resolve) => server.listen(resolve));
    expect(error).toBeUndefined();
  });
});
