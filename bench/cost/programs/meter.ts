import { EventEmitter } from 'node:events';

import { assignment } from './assignment.js';

/** What a measured process reports when it has handled what it was told to expect. */
export interface Reading {
  /** Microseconds of CPU of the whole process, for all messages together. */
  cpu: number;
  /** Milliseconds from the order to the last message. */
  wall: number;
  /** Milliseconds between the moment in which a message was due and its handler; empty unless they are timed. */
  latencies: number[];
}

/** What a measured process can be told. */
export type MeterOrder = { expect: number } | { look: true };

/** A look at a process between two orders. */
export interface Look {
  /** Microseconds since its start. */
  cpu: number;
  /** Bytes. */
  rss: number;
  /** Bytes in use after a collection; needs `--expose-gc`. */
  heap: number;
  timers: number;
  /** Sockets and whatever else keeps the process alive. */
  handles: number;
  /** Listeners of the process and of its sockets. */
  listeners: number;
}

let expected = Infinity;
let handled = 0;
let cpu = process.cpuUsage();
let startedAt = 0;
let latencies: number[] = [];
const offset = performance.now() - Number(process.hrtime.bigint()) / 1e6;

/** A message reached its handler. */
export function handle(): void {
  if (assignment.handicap > 0) waste(assignment.handicap);
  handled += 1;
  if (handled === expected) finish();
}

/** A message reached its handler that was due at that moment of the clock which all processes share. */
export function handleDue({ due }: { due: number }): void {
  latencies.push(performance.now() - offset - due);
  handle();
}

/** Tells the bench that messages can come. */
export function ready(): void {
  process.send?.({ ready: true });
}

function finish(): void {
  const { user, system } = process.cpuUsage(cpu);
  const reading: Reading = { cpu: user + system, wall: performance.now() - startedAt, latencies };
  process.send?.(reading);
}

function look(): Look {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed: heap } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((kind) => kind === 'Timeout').length;
  const listeners = listenersOf(process) + sockets().reduce((sum, one) => sum + listenersOf(one), 0);
  return { cpu: user + system, rss, heap, timers, handles: resources.length - timers, listeners };
}

/** There is no public list of them. */
function sockets(): EventEmitter[] {
  const internals = process as unknown as { _getActiveHandles(): unknown[] };
  return internals._getActiveHandles().filter((each): each is EventEmitter => each instanceof EventEmitter);
}

function listenersOf(emitter: Pick<EventEmitter, 'eventNames' | 'listenerCount'>): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

function waste(microseconds: number): void {
  const until = performance.now() + microseconds / 1_000;
  while (performance.now() < until);
}

process.on('message', (order: MeterOrder) => {
  if ('look' in order) {
    process.send?.(look());
    return;
  }
  expected = order.expect;
  handled = 0;
  latencies = [];
  startedAt = performance.now();
  cpu = process.cpuUsage();
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
