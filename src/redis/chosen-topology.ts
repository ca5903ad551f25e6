import type { RedisOptions } from 'ioredis';
import type { Address } from './address.js';
import { bareOptions, Connection } from './connection.js';
import { FixedTopology } from './fixed-topology.js';
import { SentinelWatch } from './sentinel-watch.js';
import type { OptionsSource, SentinelCount, Topology, TopologyListener } from './topology.js';

/** Sentinels or a fixed address, as the options say, which may come from a function and may fail to come. */
export class ChosenTopology implements Topology {
  private chosen: Topology | null = null;
  private started = false;
  private hurried = true;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly source: OptionsSource,
    private readonly listener: TopologyListener,
    /** Deadline in milliseconds of one question to one server. */
    private readonly timeout: number,
    private readonly retryAfter: number,
  ) {}

  start(): void {
    if (this.started) return;
    this.started = true;
    this.choose();
  }

  hurry(hurried: boolean): void {
    this.hurried = hurried;
    this.chosen?.hurry(hurried);
  }

  refresh(): void {
    this.chosen?.refresh();
  }

  sentinels(): SentinelCount | null {
    return this.chosen?.sentinels() ?? null;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.chosen?.close();
  }

  private choose(): void {
    this.source().then(
      (options) => {
        if (this.closed) return;
        this.chosen = this.topologyOf(options);
        this.chosen.hurry(this.hurried);
        this.chosen.start();
      },
      (error: unknown) => {
        if (this.closed) return;
        this.listener.untargeted(error);
        this.timer = setTimeout(() => {
          this.choose();
        }, this.retryAfter);
      },
    );
  }

  private topologyOf({ sentinels, name }: RedisOptions): Topology {
    if (!sentinels) return new FixedTopology(this.source, this.listener);
    const confirm = (address: Address): Promise<boolean> => this.isMaster(address);
    return new SentinelWatch(name ?? 'mymaster', this.source, this.timeout, this.listener, confirm);
  }

  /** Asks a node for its ROLE over a connection made for that. Never rejects. */
  private async isMaster(address: Address): Promise<boolean> {
    let connection: Connection | undefined;
    const deadline = setTimeout(() => connection?.destroy(), this.timeout);
    try {
      connection = new Connection(bareOptions(await this.source()), address, { closed: () => undefined });
      await connection.ready;
      const role: unknown = await connection.client.role();
      return Array.isArray(role) && role[0] === 'master';
    } catch {
      return false;
    } finally {
      clearTimeout(deadline);
      connection?.destroy();
    }
  }
}
