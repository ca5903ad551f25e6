import type { Operator } from '../../src/testing/index.js';

/** What a publisher process is told to do. */
export interface PublisherOrder {
  channel: string;
  /** Messages per second. */
  rate: number;
  /** `%n` stands for the number of the message. */
  payload: string;
  operator: Operator;
  masterName: string;
  /** `official` is the address by which the Sentinels call it. */
  nodes: { name: string; host: string; port: number; official: string }[];
  /** None: it sits on the first node. */
  sentinels: { host: string; port: number }[];
}

/** A message that a server said it took. */
export interface Accepted {
  n: number;
  /** The name of the node that took it. */
  by: string;
  sentAt: number;
  /** When the reply to PUBLISH came. */
  at: number;
  /** How many receivers that server claimed. */
  receivers: number;
}

/**
 * A message of which nobody said that it was taken; a server that did not reply in time may have taken it.
 */
export interface Refused {
  n: number;
  by: string;
  sentAt: number;
  at: number;
  reason: string;
}

/** One line of what a publisher process reports. */
export interface PublisherReport {
  accepted?: Accepted;
  refused?: Refused;
  /** The last line: how many messages there were. */
  published?: number;
}

/** Milliseconds on a clock that all processes of this machine share. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
