import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installPackages } from '../../scripts/run/install-packages.mjs';
import type { RedisNode } from '../../src/testing/index.js';
import { Collector } from './collector.js';
import { TYPESCRIPT } from './typescript.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type PeerOrder =
  | { readonly do: 'serve'; readonly wildcards: boolean }
  | { readonly do: 'rest' }
  | { readonly do: 'emit'; readonly pattern: unknown; readonly data: unknown }
  | { readonly do: 'request'; readonly pattern: unknown; readonly data: unknown; readonly hopeless: boolean };

export type PeerReport = { id: number; result: string } | { heard: string } | { ready: true };

/** A process with the stock Redis transport of another copy of Nest. */
export class StockPeer {
  /** What its handlers were called with. */
  readonly heard = new Collector<string>();
  readonly #reports = new Collector<PeerReport>();
  #orders = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (report: PeerReport) => {
      if ('heard' in report) this.heard.add(report.heard);
      else this.#reports.add(report);
    });
  }

  /** One on Nest 11, with the packages of the lane, and one on Nest 12. */
  static async startBoth(redis: RedisNode): Promise<readonly [eleven: StockPeer, twelve: StockPeer]> {
    const lane = `${ROOT}test/lanes/nest11`;
    installPackages(lane);
    return Promise.all([StockPeer.start(lane, redis), StockPeer.start(ROOT, redis)]);
  }

  /** @param folder whose packages have the copy of Nest */
  private static async start(folder: string, redis: RedisNode): Promise<StockPeer> {
    const program = fileURLToPath(new URL('./stock-peer-process.ts', import.meta.url));
    const { port } = redis.clientAddress;
    const peer = new StockPeer(fork(program, [folder, String(port)], { execArgv: TYPESCRIPT }));
    await peer.#reports.first((report) => 'ready' in report, 30_000);
    return peer;
  }

  /** Resolves with what it answers; a failure is an answer that begins with `failed`. */
  async do(order: PeerOrder): Promise<string> {
    this.#orders += 1;
    const id = this.#orders;
    this.child.send({ id, order });
    const report = await this.#reports.first((one) => 'id' in one && one.id === id, 10_000);
    return (report as { result: string }).result;
  }

  async stop(): Promise<void> {
    // `close` does not come after a disconnection from this side.
    const ended = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await ended;
  }
}
