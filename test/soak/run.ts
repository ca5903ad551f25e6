import { performance } from 'node:perf_hooks';

import { poll, startTopology } from '../../src/testing/index.js';
import type { Gap } from '../../src/subscription/gap.js';
import { Subscriber, type WantedSubscription } from '../support/subscriber.js';
import { type Account, excused, faultsOf } from './account.js';
import { falsify } from './controls.js';
import { type DeafnessByCause, grossDeafness, measureDeafness, mergeDeafness } from './deafness.js';
import type { Fault } from './fault.js';
import { HeldLinks } from './held-links.js';
import { growth, measureResources } from './resources.js';
import type { SeriesResult, SoakOrder, SoakResult } from './result.js';
import { removeHandOver } from './sabotage.js';
import { runSeries } from './series.js';
import { APP, Site } from './site.js';
import type { Sent, Stream } from './traffic-order.js';
import { Traffic } from './traffic.js';

const SUBSCRIPTIONS: readonly WantedSubscription[] = [
  { kind: 'pattern', name: 'soak.*' },
  { kind: 'channel', name: 'soak.a' },
  { kind: 'pattern', name: 'soak.b*' },
  { kind: 'pattern', name: 'twin.*' },
  { kind: 'channel', name: 'twin.x' },
];

/** On a busy machine another process takes its time to begin. Milliseconds. */
const START_DEADLINE = 30_000;
/** What is still on its way when a series is over. Milliseconds. */
const SETTLING = 6_000;

/** Starts a system, puts it through the series, and judges each. */
export async function run(order: SoakOrder, say: (line: string) => void): Promise<SoakResult> {
  const topology = await startTopology({
    links: true,
    failoverTimeout: 3_000,
    users: { [APP.username]: `on >${APP.password} ~* &* +@all` },
  });
  const subscriber = new Subscriber({ redis: { ...topology.clientOptions(), ...APP } }, SUBSCRIPTIONS);
  const { engine } = subscriber;
  const traffic = Traffic.start(topology, streamsFor(topology.nodes.map(({ name }) => name)));
  const openedAt = new Map<number, number>();
  engine.monitor.gaps$.subscribe(({ id, phase }) => {
    if (phase === 'open') openedAt.set(id, performance.now());
  });
  if (order.withoutHandOver) removeHandOver(engine);
  try {
    await subscriber.live();
    const held = new HeldLinks(engine);
    const site = new Site(topology, engine, traffic);
    await poll(() => traffic.master, { deadline: START_DEADLINE, what: 'the word of the Sentinels' });
    const covers = ({ by, sentAt, at }: Sent): boolean => {
      const { host = '', port = 0 } = site.nodeOf(by)?.clientAddress ?? {};
      return traffic.named(by, sentAt, at) || held.held(`${host}:${port}`, sentAt, at);
    };
    const first = measureResources();
    const series: SeriesResult[] = [];
    let deafness: DeafnessByCause = {};
    for (const [index, faults] of order.series.entries()) {
      say(`series ${index + 1} of ${order.series.length}: ${faults.length} faults`);
      const { result, measured } = await oneSeries(site, subscriber, faults, order.length, covers, openedAt);
      series.push(result);
      deafness = mergeDeafness(deafness, measured);
      if (result.violations.length > 0) break;
    }
    const last = await poll(
      () => {
        const now = measureResources();
        return growth(first, now).length === 0 && now;
      },
      { deadline: 4_000, every: 200 },
    ).catch(measureResources);
    const linksMade = subscriber.snapshot().links.made;
    const { maxSilence } = engine.monitor;
    return {
      seed: order.seed,
      series,
      deafness,
      maxSilence,
      linksMade,
      first,
      last,
      violations: growth(first, last),
    };
  } finally {
    await engine.close();
    await traffic.stop();
    await topology.stop();
  }
}

/** Two that follow the master, one of identical payloads, and one that sits on each node. */
function streamsFor(nodes: readonly string[]): Stream[] {
  const payload = '{"n":%n}';
  return [
    { channel: 'soak.a', rate: 40, payload },
    { channel: 'soak.b', rate: 20, payload },
    { channel: 'twin.x', rate: 30, payload: '{"always":"the same"}' },
    ...nodes.map((node) => ({ channel: `soak.${node}`, rate: 20, payload, node })),
  ];
}

async function oneSeries(
  site: Site,
  subscriber: Subscriber,
  faults: readonly Fault[],
  length: number,
  covers: (message: Sent) => boolean,
  openedAt: ReadonlyMap<number, number>,
): Promise<{ result: SeriesResult; measured: DeafnessByCause }> {
  const { traffic } = site;
  const startedAt = performance.now();
  subscriber.lines.length = 0;
  traffic.resume();
  const course = await runSeries(site, subscriber, faults, length);
  await traffic.pause();
  const account = (): Account => ({
    streams: traffic.streams,
    subscriptions: subscriber.subscriptions,
    sent: traffic.sent,
    covers,
    handled: subscriber.handled.items,
    gaps: [...subscriber.gaps.values()].filter(({ to }: Gap) => to === null || to >= startedAt - 1_000),
  });
  await poll(() => faultsOf(account()).length === 0, { deadline: SETTLING, every: 100 }).catch(
    () => undefined,
  );
  const told = account();
  const measured = measureDeafness(told, openedAt);
  const result: SeriesResult = {
    published: told.sent.length,
    covered: told.sent.filter((message) => message.accepted && covers(message)).length,
    handled: told.handled.length,
    late: told.handled.filter(({ late }) => late).length,
    excused: excused(told).length,
    gaps: told.gaps.length,
    redisTook: course.redisTook,
    engineTook: course.engineTook,
    violations: [
      ...course.violations,
      ...faultsOf(told),
      ...grossDeafness(measured, site.engine.monitor.maxSilence, faults),
    ],
    notes: course.notes,
    controls: falsify(told),
    lines: [...subscriber.lines],
  };
  traffic.sent.length = 0;
  subscriber.handled.items.length = 0;
  for (const [id, { phase }] of subscriber.gaps) if (phase === 'settled') subscriber.gaps.delete(id);
  return { result, measured };
}
