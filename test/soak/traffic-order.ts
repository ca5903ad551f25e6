import type { Operator } from '../../src/testing/index.js';

/** Messages of one channel, published at an even pace. */
export interface Stream {
  channel: string;
  /** Messages per second. */
  rate: number;
  /** The name of the node on which it sits; none: it follows the master that a majority of the Sentinels names. */
  node?: string;
  /** `%n` stands for the number of the message, which no other message of any stream has. */
  payload: string;
}

/** What a traffic process is told to do. */
export interface TrafficOrder {
  operator: Operator;
  masterName: string;
  /** `official` is the address by which the Sentinels call it. */
  nodes: { name: string; host: string; port: number; official: string }[];
  sentinels: { host: string; port: number }[];
  streams: Stream[];
}

/** A message that was sent. Times are those of `monotonicNow()`. */
export interface Sent {
  n: number;
  /** Index of the stream. */
  stream: number;
  by: string;
  sentAt: number;
  /** When the reply to PUBLISH came, or could not be hoped for any more. */
  at: number;
  /** Whether the server said that it took it; one that did not reply in time may have taken it. */
  accepted: boolean;
}

/** A Sentinel named this node in every answer to a question that was sent in this stretch of time, and in the first. */
export interface Naming {
  sentinel: number;
  node: string;
  /** When the first answer came. */
  from: number;
  /** When the question of the last answer was sent. */
  to: number;
}

/** What a traffic process tells. */
export interface TrafficReport {
  sent: Sent[];
  /** The present naming of each Sentinel that has answered. */
  naming: Naming[];
  /** Nothing is under way, and everything has been told. */
  paused?: true;
}

/** What a traffic process is asked for. */
export type TrafficRequest = { burst: number } | 'pause' | 'resume';
