import type { RedisResilientOptions } from '../../src/options.js';
import {
  type RedisNode,
  type RedisOptions,
  startRedis,
  startTopology,
  type Topology,
  type TopologyOptions,
} from '../../src/testing/index.js';
import { type Publisher, type PublisherOptions, startPublisher } from './publisher.js';
import type { Control } from './controls.js';
import { Subscriber, type WantedSubscription } from './subscriber.js';

/** The servers, publishers and subscribers of one test file; `close()` ends what was started last first. */
export class Stage {
  private readonly ends: (() => unknown)[] = [];

  async redis(options: RedisOptions = { links: true }): Promise<RedisNode> {
    const redis = await startRedis(options);
    this.ends.push(() => redis.stop());
    return redis;
  }

  /** A Sentinel topology behind links, whose Sentinels try again sooner than by default. */
  async topology(options: TopologyOptions = {}): Promise<Topology> {
    const topology = await startTopology({
      links: true,
      failoverTimeout: 3_000,
      ...options,
    });
    this.ends.push(() => topology.stop());
    return topology;
  }

  /** Publishes `orders.new`, 100 a second. */
  async publisher(to: PublisherOptions['to'], options: Partial<PublisherOptions> = {}): Promise<Publisher> {
    const publisher = await startPublisher({ to, channel: 'orders.new', rate: 100, ...options });
    this.ends.push(() => publisher.stop());
    return publisher;
  }

  /** Listens to `orders.*`; resolves once live. */
  async subscriber(
    redis: RedisResilientOptions['redis'],
    options: Partial<RedisResilientOptions> = {},
    subscriptions?: readonly WantedSubscription[],
  ): Promise<Subscriber> {
    return this.idleSubscriber(redis, options, subscriptions).live();
  }

  /** As above, not started yet. */
  idleSubscriber(
    redis: RedisResilientOptions['redis'],
    options: Partial<RedisResilientOptions> = {},
    subscriptions?: readonly WantedSubscription[],
  ): Subscriber {
    return this.keep(new Subscriber({ redis, ...options }, subscriptions), ({ engine }) => engine.close());
  }

  async control(control: Promise<Control>): Promise<Control> {
    return this.keep(await control, (one) => one.close());
  }

  keep<T>(one: T, end: (one: T) => unknown): T {
    this.ends.push(() => end(one));
    return one;
  }

  async close(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end();
  }
}
