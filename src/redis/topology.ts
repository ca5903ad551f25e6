import type { RedisOptions } from 'ioredis';
import type { Address } from './address.js';
import type { Permissions } from './permissions.js';

/** Gives the connection options, asked anew for every connection, so that credentials may change. */
export type OptionsSource = () => Promise<RedisOptions>;

/** What the Sentinels say, counted. */
export interface SentinelCount {
  /** All that the Sentinels know of, whether reachable from here or not. */
  readonly known: number;
  readonly answering: number;
  /** Naming the master that we follow. */
  readonly agreeing: number;
}

export interface TopologyListener {
  readonly permissions: Permissions;
  /** The server to listen to. `epoch` is the Sentinels' configuration epoch. */
  target(address: Address, epoch: number | null): void;
  /** The Sentinels are about to make this node the master. */
  candidate(address: Address): void;
  /** The target is the same as before, and another server has been the master meanwhile. */
  returned(epoch: number): void;
  /** A majority agreed on the target, in a poll sent at this moment of the monotonic clock. */
  agreed(at: number): void;
  /** Nobody could say which server to listen to, and why. */
  untargeted(reason: unknown): void;
  /** Fewer than a majority answer, or enough again. */
  degraded(degraded: boolean): void;
}

/** Knows which server is the one to listen to. */
export interface Topology {
  start(): void;
  /** Ask often, because something is wrong. */
  hurry(hurried: boolean): void;
  /** Ask again now, with options asked for anew. */
  refresh(): void;
  sentinels(): SentinelCount | null;
  close(): void;
}
