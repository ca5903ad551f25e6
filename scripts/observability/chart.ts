/**
 * Draws `docs/failover.svg` from real data: the figures of the sample application while its master is killed.
 * Run: npm run docs:failover
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { poll, startTopology } from '../../src/testing/index.js';
import { startPublisher } from '../../test/support/publisher.js';
import { drawPanels, type Panel } from './draw.js';
import { SampleApplication } from './sample-application.js';

/** Milliseconds between two scrapes, and of the whole recording; the master dies after a quarter of it. */
const EVERY = 100;
const LENGTH = 12_000;

interface Sample {
  /** Seconds since the master was killed. */
  readonly at: number;
  readonly figures: ReadonlyMap<string, number>;
}

const topology = await startTopology();
const application = await SampleApplication.start(topology.clientOptions());
const publisher = await startPublisher({ to: topology, channel: 'orders.new', rate: 50 });
const samples: Sample[] = [];
let killedAt = Infinity;
try {
  const begun = performance.now();
  const sample = async (): Promise<boolean> => {
    const at = performance.now();
    samples.push({ at, figures: await scrape(application.url) });
    if (killedAt === Infinity && at - begun > LENGTH / 4) {
      killedAt = performance.now();
      await topology.nodes[0]?.kill();
    }
    return at - begun > LENGTH;
  };
  await poll(sample, { deadline: 2 * LENGTH, every: EVERY, what: 'the recording' });
} finally {
  await publisher.stop();
  await application.stop();
  await topology.stop();
}

const relative = samples.map(({ at, figures }) => ({ at: (at - killedAt) / 1000, figures }));
const handled = 'messages_total{name="default",pattern="orders.*",outcome="handled"}';
const panels: Panel[] = [
  { title: 'subscription_up', points: pointsOf('subscription_up{name="default"}') },
  { title: 'last_verified_seconds', points: pointsOf('last_verified_seconds{name="default"}') },
  { title: 'open_gap_seconds', points: pointsOf('open_gap_seconds{name="default"}') },
  { title: 'messages handled per second', points: rates(pointsOf(handled)) },
];
const target = fileURLToPath(new URL('../../docs/failover.svg', import.meta.url));
writeFileSync(target, drawPanels(panels, 'seconds since the master was killed'));
console.log(`Drawn: ${target}`);

async function scrape(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^redis_resilient_(\w+\{.*\}) (\S+)$/gm);
  return new Map([...lines].map(([, series = '', value]) => [series, Number(value)]));
}

function pointsOf(series: string): [number, number][] {
  return relative.map(({ at, figures }) => [at, figures.get(series) ?? 0]);
}

/** Over the last half second, so that the steps of the publisher do not show. */
function rates(points: [number, number][]): [number, number][] {
  return points.slice(5).map(([at, count], index) => {
    const [from, before] = points[index] as [number, number];
    return [at, (count - before) / (at - from)];
  });
}
