import { setTimeout as pause } from 'node:timers/promises';

import { formatAddress, type Address } from './address.js';
import { poll } from './poll.js';
import type { RedisNode } from './redis-node.js';
import type { SentinelNode } from './sentinel-node.js';
import type { ServerProcess } from './server-process.js';
import type { LinkDirection } from './tcp-link.js';
import type { TlsCertificate } from './tls.js';

/** What a topology is made of. */
export interface TopologyParts {
  masterName: string;
  nodes: readonly RedisNode[];
  sentinels: readonly SentinelNode[];
  password?: string | undefined;
  sentinelPassword?: string | undefined;
  tls?: TlsCertificate | undefined;
  afterStop(): Promise<void>;
}

/** Connection options in the form that ioredis takes. */
export interface SentinelClientOptions {
  /** Where the Sentinels are. */
  sentinels: Address[];
  /** The name of the master. */
  name: string;
  /** Of the user `default` on the servers. */
  password?: string;
  /** Of the user `default` on the Sentinels. */
  sentinelPassword?: string;
  /** For the servers, where they speak TLS. */
  tls?: { ca: string };
  /** Has ioredis use `tls` behind Sentinels. */
  enableTLSForSentinelMode?: boolean;
  /** For the Sentinels, where they speak TLS. */
  sentinelTLS?: { ca: string };
  /** Where a client finds the server that the Sentinels call by the key. */
  natMap?: Record<string, Address>;
}

/** A master as the Sentinels see it. */
export interface NamedMaster {
  /** The server that is named. */
  node: RedisNode;
  /** When a majority of the Sentinels was first seen to name it, on the clock of `performance.now()`. */
  at: number;
}

const FAILOVER_TIMEOUT = 30_000;
const POLL_INTERVAL = 20;

/** A master, its replicas and the Sentinels that watch them; see `startTopology()`. */
export class Topology {
  /** The name by which the Sentinels know the master. */
  readonly masterName: string;
  /** The Redis servers; the first was the master at the start. */
  readonly nodes: readonly RedisNode[];
  /** The Sentinels that watch them. */
  readonly sentinels: readonly SentinelNode[];

  constructor(private readonly parts: TopologyParts) {
    this.masterName = parts.masterName;
    this.nodes = parts.nodes;
    this.sentinels = parts.sentinels;
  }

  /** Connection options for ioredis, through the inner links where there are any. */
  clientOptions(): SentinelClientOptions {
    const { masterName: name, password, sentinelPassword, tls, nodes, sentinels } = this.parts;
    const behindLinks = [...nodes, ...sentinels].filter(
      (each) => each.address.port !== each.clientAddress.port,
    );
    const natMap = Object.fromEntries(
      behindLinks.map((each) => [formatAddress(each.address), each.clientAddress]),
    );
    return {
      sentinels: sentinels.map((sentinel) => sentinel.clientAddress),
      name,
      ...(password === undefined ? {} : { password }),
      ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
      ...(tls && { tls: { ca: tls.ca }, sentinelTLS: { ca: tls.ca }, enableTLSForSentinelMode: true }),
      ...(behindLinks.length === 0 ? {} : { natMap }),
    };
  }

  /** The server with that address, `undefined` for an address that is none of ours. */
  nodeAt(address: Address): RedisNode | undefined {
    return this.nodes.find((node) => formatAddress(node.address) === formatAddress(address));
  }

  /**
   * The master that a majority of all Sentinels names now, or the one that the given Sentinel names;
   * `undefined` where there is none.
   */
  async masterOf(sentinel?: SentinelNode): Promise<RedisNode | undefined> {
    if (sentinel) return this.namedBy(sentinel);
    return this.majorityOf(await Promise.all(this.sentinels.map((each) => this.namedBy(each))));
  }

  /** The servers that are not the master now. */
  async replicas(): Promise<RedisNode[]> {
    const master = await this.masterOf();
    return this.nodes.filter((node) => node !== master);
  }

  /**
   * Has the Sentinels make a replica the master, as for maintenance (`SENTINEL FAILOVER`).
   *
   * @param timeout milliseconds after which it gives up
   * @throws Error when no majority of the Sentinels names another master in time.
   */
  async failover(timeout = FAILOVER_TIMEOUT): Promise<NamedMaster> {
    const old = await poll(() => this.masterOf(), {
      what: 'a master that a majority of the Sentinels names',
    });
    const named = this.waitForNewMaster(old, timeout);
    named.catch(() => undefined);
    await poll(() => this.orderFailover(), { deadline: timeout, every: 100, what: 'a failover' });
    return named;
  }

  /**
   * Resolves as soon as a majority of the Sentinels names another master than the given one.
   *
   * @param timeout milliseconds after which it gives up
   * @throws Error when that does not happen in time.
   */
  async waitForNewMaster(old: RedisNode, timeout = FAILOVER_TIMEOUT): Promise<NamedMaster> {
    const named = new Map<SentinelNode, RedisNode | undefined>();
    const end = new AbortController();
    const watch = async (sentinel: SentinelNode): Promise<void> => {
      while (!end.signal.aborted) {
        named.set(sentinel, await this.namedBy(sentinel));
        await pause(POLL_INTERVAL);
      }
    };
    for (const sentinel of this.sentinels) void watch(sentinel);
    try {
      const node = await poll(
        () => {
          const master = this.majorityOf([...named.values()]);
          return master === old ? undefined : master;
        },
        { deadline: timeout, every: POLL_INTERVAL / 2, what: `another master than ${old.name}` },
      );
      return { node, at: performance.now() };
    } finally {
      end.abort();
    }
  }

  /**
   * Cuts the given servers and Sentinels off from all the others, silently and in both directions, as a
   * partition of the network does; they still reach each other, and clients still reach everybody.
   *
   * Needs `links: true`. Where a process cannot be told by the host it connects from (not Linux, or Redis
   * 6.2), only the connections that others open to them are cut, those among themselves included: enough to
   * isolate one master, not to isolate a replica or a group.
   *
   * @returns a function that heals it.
   */
  isolate(...isolated: ServerProcess[]): () => void {
    const all: ServerProcess[] = [...this.nodes, ...this.sentinels];
    const others = all.filter((each) => !isolated.includes(each));
    const heals = all.flatMap((each) => {
      const strangers = isolated.includes(each) ? others : isolated;
      const from = strangers.flatMap(({ source }) => source ?? []);
      if (from.length > 0) return [each.outer.blackHole('both', { from })];
      return isolated.includes(each) ? [each.outer.blackHole()] : [];
    });
    return () => heals.forEach((heal) => heal());
  }

  /**
   * Cuts the clients off from every server and Sentinel, silently; the servers go on among themselves.
   * Needs `links: true`.
   *
   * @returns a function that heals it.
   */
  cutOffClients(direction: LinkDirection | 'both' = 'both'): () => void {
    const heals = [...this.nodes, ...this.sentinels].map((each) => each.inner.blackHole(direction));
    return () => heals.forEach((heal) => heal());
  }

  /** Ends every process for good, closes the links and removes the files. */
  async stop(): Promise<void> {
    await Promise.all([...this.nodes, ...this.sentinels].map((each) => each.stop()));
    await this.parts.afterStop();
  }

  /** One after another: one may be frozen, and two at work at the same time would be in each other's way. */
  private async orderFailover(): Promise<boolean> {
    const refusals: unknown[] = [];
    for (const sentinel of this.sentinels) {
      try {
        await sentinel.command('SENTINEL', 'FAILOVER', this.masterName);
        return true;
      } catch (refusal) {
        refusals.push(refusal);
      }
    }
    throw new AggregateError(refusals, 'no Sentinel took the order to fail over');
  }

  private async namedBy(sentinel: SentinelNode): Promise<RedisNode | undefined> {
    const address = await sentinel.masterAddress().catch(() => undefined);
    return address && this.nodeAt(address);
  }

  private majorityOf(named: (RedisNode | undefined)[]): RedisNode | undefined {
    return this.nodes.find(
      (node) => named.filter((each) => each === node).length > this.sentinels.length / 2,
    );
  }
}
