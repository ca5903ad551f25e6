import { afterEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { gapChannel, linkChannel, messageChannel } from '../../src/channels.js';
import { collectRedisResilientMetrics, type RedisResilientMetricsOptions } from '../../src/metrics/index.js';
import { resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import { MetricsPage } from '../support/metrics-page.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function collect(options: RedisResilientMetricsOptions = {}): { page: () => Promise<MetricsPage> } {
  const register = options.register ?? new Registry();
  ends.push(collectRedisResilientMetrics({ ...options, register }));
  return { page: async () => new MetricsPage(await register.metrics()) };
}

function open(name?: string): Engine {
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const engine = new Engine(resolveOptions({ redis: { port: 1 } }), silent, name);
  ends.push(() => engine.close());
  return engine;
}

const from = { instance: 'i1', name: null };
const message = { ...from, pattern: 'orders.*', outcome: 'handled', late: false, duration: 20 };

describe('metrics', () => {
  it('begin with 0 for every instance, opened before or after', async () => {
    open();
    const { page } = collect();
    open('billing');
    const scrape = await page();
    for (const name of ['default', 'billing']) {
      for (const cause of ['closed', 'silent', 'deaf', 'overflow']) {
        expect(scrape.value('gaps_total', { name, cause })).toBe(0);
        expect(scrape.value('gap_seconds_total', { name, cause })).toBe(0);
      }
      expect(scrape.value('links_total', { name, reason: 'closed' })).toBe(0);
      expect(scrape.value('publish_failures_total', { name, code: 'TIMEOUT' })).toBe(0);
      expect(scrape.value('suspicions_total', { name })).toBe(0);
    }
  });

  it('say nothing about the subscriptions of an instance that does not listen', async () => {
    const engine = open();
    const { page } = collect();
    expect((await page()).value('subscription_up')).toBeUndefined();
    engine.start();
    expect((await page()).value('subscription_up')).toBe(0);
    await engine.close();
    expect((await page()).value('subscription_up')).toBeUndefined();
  });

  it('follow a gap from its detection to its recovery', async () => {
    const { page } = collect();
    const gap = { ...from, id: 1, cause: 'silent', late: 0, dropped: 0 };
    gapChannel.publish({ ...gap, phase: 'open', duration: 2_400 });
    gapChannel.publish({ ...gap, phase: 'closed', duration: 3_000 });
    gapChannel.publish({ ...gap, phase: 'settled', duration: 3_000 });
    const scrape = await page();
    expect(scrape.value('gaps_total', { cause: 'silent' })).toBe(1);
    expect(scrape.value('gap_seconds_total', { cause: 'silent' })).toBe(3);
    expect(scrape.value('detection_seconds_sum', { cause: 'silent' })).toBeCloseTo(2.4);
    expect(scrape.value('detection_seconds_bucket', { cause: 'silent', le: '3' })).toBe(1);
    expect(scrape.value('detection_seconds_bucket', { cause: 'silent', le: '2' })).toBe(0);
    expect(scrape.value('recovery_seconds_count', { cause: 'silent' })).toBe(1);
  });

  it('count messages by pattern and outcome, and measure those that had a handler', async () => {
    const { page } = collect();
    messageChannel.publish(message);
    messageChannel.publish({ ...message, late: true });
    messageChannel.publish({ ...message, outcome: 'dropped', duration: 0 });
    const scrape = await page();
    const pattern = 'orders.*';
    expect(scrape.value('messages_total', { pattern, outcome: 'handled' })).toBe(2);
    expect(scrape.value('messages_total', { pattern, outcome: 'dropped' })).toBe(1);
    expect(scrape.value('messages_total', { pattern, outcome: 'failed' })).toBe(0);
    expect(scrape.value('late_messages_total')).toBe(1);
    expect(scrape.value('handler_seconds_count', { pattern })).toBe(2);
    expect(scrape.value('handler_seconds_sum', { pattern })).toBeCloseTo(0.04);
  });

  it('have bounded labels, whatever the number of patterns and instances', async () => {
    const { page } = collect({ maxPatterns: 3 });
    for (let n = 0; n < 1_000; n++) {
      messageChannel.publish({ ...message, instance: `i${n}`, pattern: `p${n}` });
      linkChannel.publish({ instance: `i${n}`, name: null, type: 'promoted', reason: 'closed' });
    }
    const scrape = await page();
    expect(scrape.value('messages_total', { pattern: 'p2', outcome: 'handled' })).toBe(1);
    expect(scrape.value('messages_total', { pattern: '(others)', outcome: 'handled' })).toBe(997);
    expect(scrape.value('links_total', { reason: 'closed' })).toBe(1_000);
    expect(scrape.series.length).toBeLessThan(120);
    expect(scrape.text).not.toContain('i999');
  });

  it('leave nothing behind when stopped', async () => {
    const register = new Registry();
    const stop = collectRedisResilientMetrics({ register });
    expect(messageChannel.hasSubscribers).toBe(true);
    stop();
    expect(messageChannel.hasSubscribers).toBe(false);
    expect(await register.metrics()).toBe('\n');
    collectRedisResilientMetrics({ register })();
  });

  it('can be collected twice under two names', async () => {
    const register = new Registry();
    collect({ register });
    expect(() => collectRedisResilientMetrics({ register })).toThrow(
      /"redis_resilient_", which is taken\. .*prefix/,
    );
    collect({ register, prefix: 'other_' });
    messageChannel.publish(message);
    expect(await register.metrics()).toMatch(/^other_messages_total\{.*outcome="handled"\} 1$/m);
  });

  it.each<[RedisResilientMetricsOptions, RegExp]>([
    [{ prefix: 'my-app' }, /metrics\.prefix.*letters, digits/],
    [{ maxPatterns: -1 }, /metrics\.maxPatterns/],
    [{ buckets: { handler: [1, 1] } }, /metrics\.buckets\.handler.*ascending/],
    [{ buckets: { handlers: [1] } as object }, /metrics\.buckets/],
    [{ registry: new Registry() } as object, /registry/],
  ])('refuse what they cannot use: %p', (options, words) => {
    expect(() => collectRedisResilientMetrics({ register: new Registry(), ...options })).toThrow(words);
  });
});
