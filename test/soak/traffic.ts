import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { formatAddress } from '../../src/testing/address.js';
import { poll, type RedisNode, type Topology } from '../../src/testing/index.js';

import { monotonicNow } from '../support/publisher-order.js';
import { TYPESCRIPT } from '../support/typescript.js';
import type { Naming, Sent, Stream, TrafficOrder, TrafficReport, TrafficRequest } from './traffic-order.js';

/** A process that publishes, and knows which master a majority of the Sentinels named at which time. */
export class Traffic {
  /** In the order of the replies, on the clock of our `performance.now()`. */
  sent: Sent[] = [];
  private paused = true;
  private readonly namings: Naming[][] = [];
  private readonly offset = performance.now() - monotonicNow();

  private constructor(
    private readonly child: ChildProcess,
    readonly streams: readonly Stream[],
    private readonly sentinels: number,
  ) {
    child.on('message', (report: TrafficReport) => this.take(report));
  }

  /** It is paused at first. */
  static start(topology: Topology, streams: Stream[]): Traffic {
    const { nodes, sentinels, masterName } = topology;
    const [{ operator }] = nodes as [RedisNode];
    const order: TrafficOrder = {
      operator,
      masterName,
      streams,
      nodes: nodes.map(({ name, host, port, address }) => ({
        name,
        host,
        port,
        official: formatAddress(address),
      })),
      sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    };
    const program = fileURLToPath(new URL('./traffic-process.ts', import.meta.url));
    const child = fork(program, [JSON.stringify(order)], { execArgv: TYPESCRIPT });
    return new Traffic(child, streams, sentinels.length);
  }

  /** The name of the node that a majority of the Sentinels names now. */
  get master(): string | undefined {
    const now = this.namings.map((namings) => namings.at(-1)?.node);
    return now.find((name) => now.filter((vote) => vote === name).length > this.sentinels / 2);
  }

  /** Whether a majority of the Sentinels named this node from the first moment to the second. */
  named(node: string, from: number, to: number): boolean {
    const votes = this.namings.filter((namings) =>
      namings.some((naming) => naming.node === node && naming.from <= from && naming.to >= to),
    );
    return votes.length > this.sentinels / 2;
  }

  /** Publishes so many messages of the first stream at once. */
  burst(count: number): void {
    this.request({ burst: count });
  }

  resume(): void {
    this.request('resume');
  }

  /** Publishes nothing more, and resolves once every reply has come or been given up. */
  async pause(): Promise<void> {
    this.paused = false;
    this.request('pause');
    await poll(() => this.paused, { deadline: 20_000, what: 'the end of all publishing' });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL'); // it is paused, and has nothing left to tell
    await ended;
  }

  private request(request: TrafficRequest): void {
    if (this.child.connected) this.child.send(request);
  }

  private take({ sent, naming, paused }: TrafficReport): void {
    this.paused ||= paused === true;
    for (const one of sent) this.sent.push({ ...one, ...this.onOurClock(one.sentAt, one.at) });
    for (const { sentinel, node, ...then } of naming) {
      const known = (this.namings[sentinel] ??= []);
      const { sentAt: from, at: to } = this.onOurClock(then.from, then.to);
      const last = known.at(-1);
      if (last?.from === from) last.to = to;
      else known.push({ sentinel, node, from, to });
    }
  }

  private onOurClock(sentAt: number, at: number): { sentAt: number; at: number } {
    return { sentAt: sentAt + this.offset, at: at + this.offset };
  }
}
