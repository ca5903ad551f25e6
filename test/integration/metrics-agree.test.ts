import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Registry } from 'prom-client';
import { firstValueFrom, Subject } from 'rxjs';
import {
  type Gap,
  RedisResilientClient,
  RedisResilientModule,
  RedisResilientMonitor,
} from '../../src/index.js';
import { collectRedisResilientMetrics } from '../../src/metrics/index.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { MetricsPage } from '../support/metrics-page.js';
import { SPEAKS_RESP3 } from '../support/resp.js';

let redis: RedisNode;
const applications = new Applications();
const register = new Registry();
let stop = (): void => undefined;

/** What the test itself sees. */
const history = { orders: 0, refused: 0, floods: 0, dropped: 0 };
const gate = new Subject<void>();

@Controller()
class OrdersController {
  @EventPattern('orders.*')
  onOrder(@Payload() order: { ok: boolean }): void {
    if (!order.ok) {
      history.refused += 1;
      throw new Error('an order that cannot be handled');
    }
    history.orders += 1;
  }

  @EventPattern<'flood'>('flood', { dispatch: { concurrency: 2, maxPending: 10 } })
  async onFlood(): Promise<void> {
    await firstValueFrom(gate, { defaultValue: undefined });
    history.floods += 1;
  }

  @Get('metrics')
  metrics(): Promise<string> {
    return register.metrics();
  }
}

beforeAll(async () => {
  redis = await startRedis();
  stop = collectRedisResilientMetrics({ register });
});
afterEach(async () => {
  redis.thaw();
  gate.complete();
  await applications.closeAll();
});
afterAll(async () => {
  stop();
  await redis.stop();
});

describe('the metrics page', () => {
  it('agrees with the history of a series of faults, to the message', async () => {
    const keepAlive = { interval: 200, suspectAfter: 200, timeout: 600 };
    const options = { redis: redis.clientAddress, keepAlive, maxPayloadBytes: 1_000 };
    @Module({
      imports: [RedisResilientModule.forRoot({ ...options, client: { publishTimeout: 500 } })],
      controllers: [OrdersController],
    })
    class AppModule {}
    const app = await applications.start(AppModule);
    const url = `${await app.getUrl()}/metrics`;
    const monitor = app.get(RedisResilientMonitor);
    const gaps = new Map<number, Gap>();
    monitor.gaps$.subscribe((gap) => gaps.set(gap.id, gap));
    const live = (): Promise<unknown> =>
      poll(() => monitor.snapshot().live, { what: 'being live', deadline: 10_000 });
    const gapsOf = (cause: string): Gap[] => [...gaps.values()].filter((gap) => gap.cause === cause);

    for (let n = 1; n <= 3; n++) {
      await redis.killPubSub();
      await poll(() => gapsOf('closed').filter(({ to }) => to !== null).length === n, {
        what: 'a closed gap',
      });
      for (let m = 0; m < 50 * n; m++) await redis.publish('orders.new', '{"ok":true}');
    }
    for (let n = 0; n < 2; n++) await monitor.rotate();
    for (let m = 0; m < 7; m++) await redis.publish('orders.new', '{"ok":false}');
    for (let m = 0; m < 2; m++) await redis.publish('orders.new', `"${'x'.repeat(1_000)}"`);
    await poll(() => history.orders === 300 && history.refused === 7, { what: 'every order handled' });

    for (let m = 0; m < 40; m++) await redis.publish('flood', String(m));
    await poll(() => gapsOf('overflow').length === 1 && monitor.snapshot().pending === 12, {
      what: 'an overflow',
    });
    expect((await MetricsPage.fetch(url)).value('pending_messages')).toBe(12);
    gate.complete();
    await poll(() => history.floods === 12, { what: 'what was kept of the flood' });

    redis.freeze();
    await poll(() => !monitor.snapshot().live, { what: 'a verdict', deadline: 10_000 });
    const down = await MetricsPage.fetch(url);
    expect(down.value('subscription_up')).toBe(0);
    expect(down.value('open_gap_seconds')).toBeGreaterThan(0.1);
    const client = app.get(RedisResilientClient);
    await expect(firstValueFrom(client.emit('orders.new', { ok: true }))).rejects.toThrow();
    redis.thaw();
    await live();
    await poll(() => !SPEAKS_RESP3 || monitor.snapshot().outputBuffer !== null, {
      what: 'CLIENT INFO',
    });
    await poll(() => [...gaps.values()].every(({ to }) => to !== null), { what: 'every gap closed' });

    const page = await MetricsPage.fetch(url);
    for (const cause of ['start', 'closed', 'silent', 'deaf', 'failover', 'refused', 'lost', 'overflow']) {
      const recorded = gapsOf(cause);
      const length = recorded.reduce((sum, { duration }) => sum + duration, 0) / 1000;
      expect([cause, page.value('gaps_total', { cause })]).toEqual([cause, recorded.length]);
      expect(page.value('gap_seconds_total', { cause })).toBeCloseTo(length, 6);
      if (cause === 'overflow') continue;
      expect(page.value('recovery_seconds_count', { cause }) ?? 0).toBe(recorded.length);
    }
    expect(gapsOf('closed')).toHaveLength(3);
    expect(gapsOf('silent')).toHaveLength(1);
    expect(page.value('links_total', { reason: 'start' })).toBe(1);
    expect(page.value('links_total', { reason: 'closed' })).toBe(3);
    expect(page.value('links_total', { reason: 'rotate' })).toBe(2);
    const messages = (pattern: string, outcome: string): number | undefined =>
      page.value('messages_total', { pattern, outcome });
    expect(messages('orders.*', 'handled')).toBe(history.orders);
    expect(messages('orders.*', 'failed')).toBe(7);
    expect(messages('orders.*', 'broken')).toBe(2);
    expect(messages('flood', 'handled')).toBe(12);
    expect(messages('flood', 'dropped')).toBe(28);
    expect(gapsOf('overflow')[0]?.dropped).toBe(28);
    expect(page.value('handler_seconds_count', { pattern: 'flood' })).toBe(12);
    expect(page.value('subscription_up')).toBe(1);
    expect(page.value('pending_messages')).toBe(0);
    expect(page.value('subscriptions', { state: 'acknowledged' })).toBe(2);
    expect(page.value('suspicions_total')).toBe(monitor.snapshot().links.suspicions);
    expect(page.value('publish_failures_total', { code: 'TIMEOUT' })).toBeGreaterThanOrEqual(1);
    expect(page.value('ping_seconds_count')).toBeGreaterThan(0);
    expect(page.value('last_heard_seconds')).toBeLessThan(5);
    expect(page.value('last_verified_seconds')).toBeLessThan(5);
    expect(page.value('last_canary_seconds')).toBeLessThan(15);
    // A reply on its way may count.
    if (SPEAKS_RESP3) expect(page.value('output_buffer_bytes')).toBeLessThan(1e6);
    else expect(page.value('output_buffer_bytes')).toBeUndefined();
  });
});
