import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { Redis } from 'ioredis';
import { firstValueFrom, Subject } from 'rxjs';
import type { Gap } from '../../src/subscription/gap.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';
import { Transports } from '../support/transport.js';

let handled: number[] = [];
let running = 0;
let mostRunning = 0;
let fast = 0;
let gate = new Subject<void>();

async function work(n: number, wait: () => Promise<unknown>): Promise<void> {
  running += 1;
  mostRunning = Math.max(mostRunning, running);
  await wait();
  running -= 1;
  handled.push(n);
}

const soon = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

@Controller()
class Work {
  @EventPattern('ordered', { dispatch: { concurrency: 1 } })
  ordered(n: number): Promise<void> {
    return work(n, soon);
  }

  @EventPattern('flood', { dispatch: { concurrency: 8, maxPending: 1_000 } })
  flood(n: number): Promise<void> {
    return work(n, soon);
  }

  @EventPattern('gated.*', { dispatch: { concurrency: 2, maxPending: 10 } })
  gated(n: number): Promise<void> {
    return work(n, () => firstValueFrom(gate, { defaultValue: undefined }));
  }

  @EventPattern<'fast'>('fast')
  fast(): void {
    fast += 1;
  }
}

let redis: RedisNode;
let publisher: Redis;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
  publisher = new Redis({ ...redis.clientAddress, enableAutoPipelining: true });
});
afterAll(async () => {
  publisher.disconnect();
  await redis.stop();
});

afterEach(async () => {
  gate.complete();
  await transports.close();
  handled = [];
  gate = new Subject();
  running = mostRunning = fast = 0;
});

async function publish(channel: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += 5_000) {
    const size = Math.min(5_000, count - from);
    await Promise.all(Array.from({ length: size }, (_, i) => publisher.publish(channel, String(from + i))));
  }
}

it('concurrency 1 keeps the order', async () => {
  transports = new Transports(redis);
  await transports.serve(Work);
  await publish('ordered', 5_000);
  await poll(() => handled.length === 5_000, { deadline: 20_000, what: 'every message handled' });
  expect(mostRunning).toBe(1);
  expect(handled).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
});

it('a flood is handled or dropped and counted, and never more than the limits', async () => {
  transports = new Transports(redis);
  const { server } = await transports.serve(Work);
  const count = 50_000;
  await publish('flood', count);
  await publish('fast', 1);
  await poll(() => fast === 1 && server.pending === 0, { deadline: 30_000, what: 'an empty lane' });
  const dropped = server.complaints.overflowed ?? 0;
  expect(handled.length + dropped).toBe(count);
  expect(mostRunning).toBe(8);
});

describe('an overflow', () => {
  it('is one gap with what was dropped, and other patterns go on', async () => {
    transports = new Transports(redis);
    const { engine } = await transports.serve(Work);
    const gaps = new Collector<Gap>();
    engine.monitor.gaps$.subscribe(gaps.add);
    await publish('gated.a', 50);
    await publish('fast', 1);
    await poll(() => fast === 1, { what: 'the other pattern' });
    const opened = await gaps.first(({ phase, cause }) => phase === 'open' && cause === 'overflow');
    expect(opened.patterns).toEqual(['gated.*']);
    expect(handled).toEqual([]);
    gate.complete();
    const closed = await gaps.first(({ phase }) => phase === 'closed');
    expect(closed).toMatchObject({ id: opened.id, dropped: 38 });
    await poll(() => handled.length === 12, { what: 'what was kept' });
    expect(handled).toEqual([0, 1, ...Array.from({ length: 10 }, (_, i) => 40 + i)]);
    expect(gaps.items.filter(({ phase }) => phase === 'open')).toHaveLength(1);
  });

  it('begins where the first message that is dropped came in, not where it was dropped', async () => {
    transports = new Transports(redis);
    const { engine, server } = await transports.serve(Work);
    const gaps = new Collector<Gap>();
    engine.monitor.gaps$.subscribe(gaps.add);
    const before = performance.now();
    await publish('gated.a', 12);
    await poll(() => server.pending === 12, { what: 'as much as may wait' });
    const full = performance.now();
    await poll(() => performance.now() > full + 100, { what: 'the oldest to have waited a while' });
    await publish('gated.a', 1);
    const { from } = await gaps.first(({ phase }) => phase === 'open');
    expect(from).toBeGreaterThan(before);
    expect(from).toBeLessThan(full);
  });
});
