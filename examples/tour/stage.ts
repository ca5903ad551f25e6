import type { SubscriptionGap } from '@redis-resilient/nestjs';
import {
  type Address,
  bringRedisServer,
  type RedisServer,
  startTopology,
  type Topology,
} from '@redis-resilient/nestjs/testing';

import { type LogEntry, startApplication } from './application.js';
import type { Cleanup } from './cleanup.js';
import { HealthWatch } from './health-watch.js';
import { Program } from './program.js';
import { Tally } from './tally.js';

/** All that the tour plays with. */
export interface Stage {
  readonly server: RedisServer;
  readonly topology: Topology;
  /** Where the application serves HTTP. */
  readonly url: string;
  readonly health: HealthWatch;
  /** What became of the numbered messages. */
  readonly tally: Tally;
  /** Every gap that the application reported, closed and settled, on the clock of this process. */
  readonly gaps: readonly SubscriptionGap[];
  /** Rejects when one of the programs ends by itself. */
  readonly broken: Promise<never>;
}

/** Who is told what happens on the stage. */
export interface Audience {
  /** What is about to be done, or was done. */
  say(line: string): void;
  /** The application wrote to its log. */
  log(entry: LogEntry): void;
  /** The application heard a message that is none of the numbered ones. */
  heard(message: unknown, channel: string): void;
}

/** How many messages are published per second. */
export const RATE = 50;
export const NUMBERED_CHANNEL = 'orders.numbered';
/** Milliseconds; after a failover the Sentinels rest for twice this time. */
const FAILOVER_TIMEOUT = 3_000;

/**
 * Starts Redis behind Sentinels, the sample application and the publisher; `cleanup` ends them.
 *
 * @throws Error when something does not start, or when `signal` is aborted meanwhile.
 */
export async function setStage(audience: Audience, cleanup: Cleanup, signal: AbortSignal): Promise<Stage> {
  const server = await bringRedisServer({ say: (line) => audience.say(line) });
  signal.throwIfAborted();
  const starting = startTopology({ server, links: true, failoverTimeout: FAILOVER_TIMEOUT });
  cleanup.add(async () => (await starting).stop());
  const topology = await starting;
  signal.throwIfAborted();
  audience.say(`Redis ${server.version}, ${server.program}`);
  audience.say(topologyWords(topology));

  const tally = new Tally();
  const gaps: SubscriptionGap[] = [];
  const application = await startApplication(
    topology.clientOptions(),
    {
      heard: (message, channel, late) => {
        if (channel === NUMBERED_CHANNEL) tally.hear((message as { number: number }).number, late);
        else audience.heard(message, channel);
      },
      gap: (gap) => gaps.push(gap),
      log: (entry) => audience.log(entry),
    },
    cleanup,
  );
  signal.throwIfAborted();
  audience.say(`A Nest application on ${application.url}, which listens to orders.*`);
  const health = new HealthWatch(`${application.url}/health/ready`);
  cleanup.add(() => health.stop());

  const publisher = startPublisher(topology, tally);
  cleanup.add(() => publisher.stop());
  audience.say(`A publisher that knows nothing of Nest: ${RATE} messages a second on ${NUMBERED_CHANNEL}`);
  const broken = Promise.race([application.broken, publisher.broken]);
  return { server, topology, url: application.url, health, tally, gaps, broken };
}

function startPublisher(topology: Topology, tally: Tally): Program {
  const sentinels = topology.sentinels.map(({ address }) => formatAddress(address));
  return new Program({
    name: 'The publisher',
    file: new URL('publisher.mjs', import.meta.url),
    args: [topology.masterName, NUMBERED_CHANNEL, String(RATE), ...sentinels],
    onMessage: (message) => tally.accept((message as { accepted: number }).accepted),
  });
}

function topologyWords({ nodes, sentinels }: Topology): string {
  const [master, ...replicas] = nodes.map(({ port }) => port);
  const watchers = sentinels.map(({ port }) => port);
  return `1 master on port ${master}, ${replicas.length} replicas on ${replicas.join(', ')}, ${watchers.length} Sentinels on ${watchers.join(', ')}`;
}

function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}
