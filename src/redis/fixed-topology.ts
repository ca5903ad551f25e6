import type { RedisOptions } from 'ioredis';
import type { Address } from './address.js';
import type { OptionsSource, Topology, TopologyListener } from './topology.js';

/** A server without Sentinels: its address is what the options say. */
export class FixedTopology implements Topology {
  private closed = false;

  constructor(
    private readonly source: OptionsSource,
    private readonly listener: TopologyListener,
  ) {}

  start(): void {
    this.refresh();
  }

  hurry(): void {
    // There is nobody to ask.
  }

  refresh(): void {
    this.source().then(
      (options) => {
        if (!this.closed) this.listener.target(addressOf(options), null);
      },
      (error: unknown) => {
        if (!this.closed) this.listener.untargeted(error);
      },
    );
  }

  sentinels(): null {
    return null;
  }

  close(): void {
    this.closed = true;
  }
}

function addressOf(options: RedisOptions): Address {
  if (options.path !== undefined) return { path: options.path };
  return { host: options.host ?? '127.0.0.1', port: options.port ?? 6379 };
}
