import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { type RedisNode, Topology } from '../../src/testing/index.js';
import { formatAddress } from '../../src/testing/address.js';
import { Collector } from './collector.js';
import {
  type Accepted,
  monotonicNow,
  type PublisherOrder,
  type PublisherReport,
  type Refused,
} from './publisher-order.js';
import { TYPESCRIPT } from './typescript.js';

/** What is published, where, and how often. */
export interface PublisherOptions {
  /**
   * A topology: it follows the master that a majority of the Sentinels names. A node: it sits on that one,
   * whatever becomes of it. It goes there directly, not through links.
   */
  to: Topology | RedisNode;
  channel: string;
  /** Messages per second. @default 50 */
  rate?: number;
  /** The payload; `%n` stands for the number of the message, which begins with 1. @default '{"n":%n}' */
  payload?: string;
}

/**
 * A process of its own that publishes numbered messages. Moments are on the clock of our `performance.now()`.
 */
export class Publisher {
  readonly accepted = new Collector<Accepted>();
  readonly refused = new Collector<Refused>();
  private readonly offset = performance.now() - monotonicNow();
  private published: number | undefined;

  constructor(private readonly child: ChildProcess) {
    child.on('message', (report: PublisherReport) => this.take(report));
  }

  /** Stops publishing and resolves, once every reply has come, with the number of messages published. */
  async stop(): Promise<number> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'close');
      if (this.child.connected) this.child.send('stop');
      await ended;
    }
    return this.published ?? 0;
  }

  private take({ accepted, refused, published }: PublisherReport): void {
    if (accepted) this.accepted.add(this.onOurClock(accepted));
    if (refused) this.refused.add(this.onOurClock(refused));
    this.published ??= published;
  }

  private onOurClock<T extends { sentAt: number; at: number }>(report: T): T {
    return { ...report, sentAt: report.sentAt + this.offset, at: report.at + this.offset };
  }
}

/** Starts a publisher and resolves once a first message was accepted. */
export async function startPublisher({ to, ...options }: PublisherOptions): Promise<Publisher> {
  const topology = to instanceof Topology ? to : undefined;
  const nodes = to instanceof Topology ? to.nodes : [to];
  const [{ operator }] = nodes as [RedisNode];
  const order: PublisherOrder = {
    rate: 50,
    payload: '{"n":%n}',
    ...options,
    operator,
    masterName: topology?.masterName ?? '',
    nodes: nodes.map(({ name, host, port, address }) => ({
      name,
      host,
      port,
      official: formatAddress(address),
    })),
    sentinels: topology?.sentinels.map(({ host, port }) => ({ host, port })) ?? [],
  };
  const program = fileURLToPath(new URL('./publisher-process.ts', import.meta.url));
  const publisher = new Publisher(fork(program, [JSON.stringify(order)], { execArgv: TYPESCRIPT }));
  try {
    await publisher.accepted.atLeast(1, 20_000);
  } catch (cause) {
    await publisher.stop();
    throw new Error('the publisher could publish nothing', { cause });
  }
  return publisher;
}
