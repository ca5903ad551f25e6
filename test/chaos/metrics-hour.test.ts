import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Registry } from 'prom-client';
import { firstValueFrom, Subject } from 'rxjs';

import type { LinkEvent } from '../../src/channels.js';
import {
  type Gap,
  RedisResilientContext,
  RedisResilientModule,
  RedisResilientMonitor,
} from '../../src/index.js';
import { collectRedisResilientMetrics } from '../../src/metrics/index.js';
import { poll, type RedisNode, type Topology } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { MetricsPage } from '../support/metrics-page.js';
import { Stage } from '../support/stage.js';

/**
 * Ten times as quick as the defaults; and a fault begins as soon as the one before is over, so that an hour with a fault in each
 * minute takes less than one.
 */
const OPTIONS = {
  keepAlive: { interval: 100, suspectAfter: 100, timeout: 400 },
  canary: { interval: 500, timeout: 300 },
  reconnect: { minDelay: 20, maxDelay: 100, refusedDelay: 200 },
  maxPayloadBytes: 1_000,
};
/** The number of no order of the publisher. */
const MARKER = -1;
const REASONS = ['start', 'closed', 'suspect', 'verdict', 'rotate', 'candidate'];
const FLOOD = { messages: 30, concurrency: 1, maxPending: 10 };

const stage = new Stage();
const applications = new Applications();
const register = new Registry();
const stopCollecting = collectRedisResilientMetrics({ register });

/** What the test itself saw and did. */
const history = {
  handled: 0,
  failed: 0,
  late: 0,
  floods: 0,
  flooded: 0,
  broken: 0,
  markers: 0,
  rotations: 0,
  gaps: new Map<number, Gap>(),
  links: new Map<string, number>(),
};
const onLink = (event: unknown): void => {
  const { type, reason } = event as LinkEvent;
  if (type !== 'promoted') return;
  history.links.set(String(reason), (history.links.get(String(reason)) ?? 0) + 1);
};
let gate = new Subject<void>();

@Controller()
class OrdersController {
  @EventPattern(['orders.*'])
  onOrder(@Payload() { n }: { n: number }, @Ctx() context: RedisResilientContext): void {
    if (context.isLate()) history.late += 1;
    if (n === MARKER) history.markers += 1;
    if (n % 10 === 0) {
      history.failed += 1;
      throw new Error('an order that cannot be handled');
    }
    history.handled += 1;
  }

  @EventPattern<'flood'>('flood', {
    dispatch: { concurrency: FLOOD.concurrency, maxPending: FLOOD.maxPending },
  })
  async onFlood(@Payload() _flood: unknown): Promise<void> {
    await firstValueFrom(gate, { defaultValue: undefined });
    history.floods += 1;
  }
}

let topology: Topology;
let monitor: RedisResilientMonitor;

const master = async (): Promise<RedisNode> =>
  poll(() => topology.masterOf(), { what: 'a master', deadline: 20_000 });
const link = async () => (await master()).inner;
const hears = (): Promise<unknown> =>
  poll(() => monitor.snapshot().live && [...history.gaps.values()].every(({ to }) => to !== null), {
    what: 'a link that is live, and every gap closed',
    deadline: 20_000,
  });
const until = (what: string, condition: () => boolean): Promise<unknown> =>
  poll(condition, { what, deadline: 20_000 });

/** How many links delivered so far. */
function promotions(): number {
  return [...history.links.values()].reduce((sum, links) => sum + links, 0);
}

/** Resolves once a fault has cost us the link, and another one delivers. */
async function replaced(strike: () => unknown): Promise<void> {
  const before = promotions();
  await strike();
  await until('another link', () => promotions() > before);
}

/** What may happen in a minute. Each ends when it is over for us. */
const FAULTS = {
  async kill() {
    const node = await master();
    await replaced(() => node.killPubSub());
  },
  async rotate() {
    await monitor.rotate();
    history.rotations += 1;
  },
  async suspect() {
    const { suspicions } = monitor.snapshot().links;
    const heal = (await link()).blackHole('both', { connections: 'open' });
    await until('a suspicion', () => monitor.snapshot().links.suspicions > suspicions);
    heal();
  },
  async silence() {
    const inner = await link();
    let heal = (): void => undefined;
    await replaced(() => (heal = inner.blackHole('both', { connections: 'open' })));
    await hears();
    heal();
  },
  async flood() {
    const before = history.floods;
    const node = await master();
    for (let n = 0; n < FLOOD.messages; n++) await node.publish('flood', String(n));
    history.flooded += FLOOD.messages;
    // What is heard after the flood tells that all of it was.
    const { markers } = history;
    await node.publish('orders.new', `{"n":${MARKER}}`);
    await until('the end of the flood', () => history.markers > markers);
    const kept = FLOOD.concurrency + FLOOD.maxPending;
    gate.complete();
    await until('what was kept', () => history.floods === before + kept);
    gate = new Subject();
  },
  async broken() {
    await (await master()).publish('orders.new', `"${'x'.repeat(OPTIONS.maxPayloadBytes)}"`);
    history.broken += 1;
  },
  async refused() {
    const node = await master();
    const allow = (...channels: string[]): Promise<unknown> =>
      node.command('ACL', 'SETUSER', 'default', 'resetchannels', ...channels);
    await allow('&__redis-resilient__:*', '&__sentinel__:hello', '&flood');
    await FAULTS.kill();
    await until('a refusal', () => monitor.snapshot().subscriptions.refused.length === 1);
    await allow('allchannels');
  },
  async planned() {
    await replaced(() => topology.failover());
  },
  async lost() {
    const old = await master();
    const named = topology.waitForNewMaster(old);
    await replaced(() => old.kill());
    await named;
    await old.restart();
  },
};

const SCRIPT: (keyof typeof FAULTS)[] = [
  ...repeat(5, 'kill', 'rotate', 'suspect', 'broken', 'silence', 'kill', 'flood', 'rotate', 'broken', 'kill'),
  ...repeat(
    1,
    'planned',
    'kill',
    'refused',
    'lost',
    'suspect',
    'silence',
    'rotate',
    'flood',
    'refused',
    'kill',
  ),
];

function repeat(times: number, ...faults: (keyof typeof FAULTS)[]): (keyof typeof FAULTS)[] {
  return Array.from({ length: times }, () => faults).flat();
}

function gapsOf(cause: string): Gap[] {
  return [...history.gaps.values()].filter((gap) => gap.cause === cause);
}

beforeAll(async () => {
  subscribe('redis-resilient:link', onLink);
  topology = await stage.topology();
});
afterAll(async () => {
  unsubscribe('redis-resilient:link', onLink);
  gate.complete();
  await applications.closeAll();
  await stage.close();
  stopCollecting();
});

it('the metrics page agrees with the history of an hour of faults, to the message', async () => {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: topology.clientOptions(), ...OPTIONS })],
    controllers: [OrdersController],
  })
  class AppModule {}
  const app = await applications.start(AppModule);
  monitor = app.get(RedisResilientMonitor);
  monitor.gaps$.subscribe((gap) => history.gaps.set(gap.id, gap));
  const start = monitor.snapshot().gaps.total;
  const publisher = await stage.publisher(topology);

  expect(SCRIPT).toHaveLength(60);
  for (const [minute, fault] of SCRIPT.entries()) {
    await FAULTS[fault]()
      .then(hears)
      .catch((cause: unknown) => {
        const state = JSON.stringify(monitor.snapshot());
        throw new Error(`minute ${minute} (${fault}) is not over: ${String(cause)}; ${state}`, { cause });
      });
  }
  await publisher.stop();
  await until('no message under way', () => monitor.snapshot().pending === 0);
  // What an old link still had in hand has come, or never will.
  await until('every old link ended', () =>
    [...history.gaps.values()].every(({ phase }) => phase === 'settled'),
  );

  // Not over HTTP: nothing else may happen between the page and what it is compared with.
  const page = new MetricsPage(await register.metrics());
  for (const cause of ['closed', 'silent', 'deaf', 'failover', 'demoted', 'refused', 'lost', 'overflow']) {
    const seconds = gapsOf(cause).reduce((sum, { duration }) => sum + duration, 0) / 1000;
    expect([cause, page.value('gaps_total', { cause })]).toEqual([cause, gapsOf(cause).length]);
    expect(page.value('gap_seconds_total', { cause })).toBeCloseTo(seconds, 6);
  }
  expect(history.gaps.size + start).toBe(monitor.snapshot().gaps.total);
  for (const reason of REASONS) {
    const links = history.links.get(reason) ?? 0;
    expect([reason, page.value('links_total', { reason })]).toEqual([reason, links]);
  }
  const failed = REASONS.map((reason) => page.value('link_failures_total', { reason }) ?? NaN);
  const ended = failed.reduce((sum, links) => sum + links, page.value('successors_put_away_total') ?? NaN);
  // One may be under way.
  expect([0, 1]).toContain(monitor.snapshot().links.made - promotions() - ended);
  // A link that was opened on suspicion just then is new enough for a rotation.
  expect(page.value('links_total', { reason: 'rotate' })).toBeLessThanOrEqual(history.rotations);
  expect(page.value('links_total', { reason: 'rotate' })).toBeGreaterThan(history.rotations / 2);
  for (const cause of ['closed', 'silent', 'refused', 'overflow']) {
    expect([cause, gapsOf(cause).length > 0]).toEqual([cause, true]);
  }

  const messages = (pattern: string, outcome: string): number | undefined =>
    page.value('messages_total', { pattern, outcome });
  expect(history.handled).toBeGreaterThan(100);
  expect(messages('orders.*', 'handled')).toBe(history.handled);
  expect(messages('orders.*', 'failed')).toBe(history.failed);
  expect(messages('orders.*', 'broken')).toBe(history.broken);
  expect(messages('flood', 'handled')).toBe(history.floods);
  expect(messages('flood', 'dropped')).toBe(history.flooded - history.floods);
  expect(gapsOf('overflow').reduce((sum, { dropped }) => sum + dropped, 0)).toBe(
    history.flooded - history.floods,
  );
  expect(history.late).toBeGreaterThan(0);
  expect(page.value('late_messages_total')).toBe(history.late);
});
