import type { RedisOptions } from 'ioredis';
import { addressKey, type Address } from './address.js';
import type { OptionsSource, Topology, TopologyListener } from './topology.js';

/** Milliseconds between two looks at the options while something is wrong. */
const LOOK_AGAIN = 500;

/** A server without Sentinels: its address is what the options say, which may name another one by now. */
export class FixedTopology implements Topology {
  private told: string | null = null;
  private hurried = false;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly source: OptionsSource,
    private readonly listener: TopologyListener,
  ) {}

  start(): void {
    this.refresh();
  }

  hurry(hurried: boolean): void {
    if (this.hurried === hurried || this.closed) return;
    this.hurried = hurried;
    this.schedule();
  }

  refresh(): void {
    this.look((address) => {
      this.tell(address);
    });
  }

  sentinels(): null {
    return null;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.closed || !this.hurried) return;
    this.timer = setTimeout(() => {
      this.look((address) => {
        if (addressKey(address) !== this.told) this.tell(address);
      });
    }, LOOK_AGAIN);
  }

  private look(found: (address: Address) => void): void {
    clearTimeout(this.timer);
    this.source()
      .then(
        (options) => {
          if (!this.closed) found(addressOf(options));
        },
        (error: unknown) => {
          if (!this.closed) this.listener.untargeted(error);
        },
      )
      .finally(() => {
        this.schedule();
      });
  }

  private tell(address: Address): void {
    this.told = addressKey(address);
    this.listener.target(address, null);
  }
}

function addressOf(options: RedisOptions): Address {
  if (options.path !== undefined) return { path: options.path };
  return { host: options.host ?? '127.0.0.1', port: options.port ?? 6379 };
}
