import { channel } from 'node:diagnostics_channel';

/**
 * Everything observable goes over `node:diagnostics_channel`, where it costs nothing while nobody listens. Each payload
 * names its instance. Durations are milliseconds. Names and payloads follow the package's version: a field may be added
 * in a minor one, none is removed or renamed before a major one.
 */

/** Which instance speaks. */
export interface InstanceRef {
  /** Unique in the deployment. */
  readonly instance: string;
  /** The `name` given to `forRoot`, `null` for the unnamed instance. */
  readonly name: string | null;
}

/** `redis-resilient:instance`: an instance was made, or closed. */
export interface InstanceEvent extends InstanceRef {
  readonly type: 'opened' | 'closed';
  /** Its state now, a `Snapshot` of the public face; for figures that are read when they are asked for. */
  snapshot(): unknown;
}

/** `redis-resilient:gap`: a gap opened, closed or settled. */
export interface GapEvent extends InstanceRef {
  readonly phase: 'open' | 'closed' | 'settled';
  readonly id: number;
  readonly cause: string;
  readonly duration: number;
  readonly late: number;
  readonly dropped: number;
}

/** `redis-resilient:link`: what became of a link. */
export interface LinkEvent extends InstanceRef {
  readonly type: 'opened' | 'promoted' | 'put-away' | 'failed' | 'suspected';
  /** Why it was opened; `null` for a suspicion. */
  readonly reason: string | null;
}

/** `redis-resilient:ping`: a PING on the subscribed connection was answered. */
export interface PingEvent extends InstanceRef {
  readonly duration: number;
}

/** `redis-resilient:canary`: a canary came back. */
export interface CanaryEvent extends InstanceRef {
  readonly duration: number;
}

/** `redis-resilient:publish-failed`: a PUBLISH was not acknowledged. */
export interface PublishFailedEvent extends InstanceRef {
  readonly code: string;
}

/**
 * `redis-resilient:message`: what became of one message. Handlers of one pattern that treat its messages differently
 * (`dispatch`, `envelope`, `payload`, `lateMessages`) get it apart from each other, and each group is told of.
 */
export interface MessageEvent extends InstanceRef {
  /** As given to the decorator. */
  readonly pattern: string;
  /**
   * - `handled`: every handler ended without an error
   * - `failed`: a handler threw, its promise rejected or its Observable ended with an error
   * - `dropped`: by `dispatch.overflow`, or still waiting when `drainTimeout` was over
   * - `broken`: larger than `maxPayloadBytes`, or its deserializer failed
   * - `late-dropped`: late, where `lateMessages` is `drop`
   */
  readonly outcome: 'handled' | 'failed' | 'dropped' | 'broken' | 'late-dropped';
  readonly late: boolean;
  /** From the call of the first handler to the end of the last: promises settled, Observables ended. 0 where none ran. */
  readonly duration: number;
}

const LIVE = Symbol.for('@redis-resilient/nestjs:live-instances');

/**
 * The instances that were opened and are not closed, by `instance`, for whoever subscribes after some were opened. One list
 * for every copy of this package in a process.
 */
export function liveInstances(): Map<string, InstanceEvent> {
  const shared = globalThis as { [LIVE]?: Map<string, InstanceEvent> };
  return (shared[LIVE] ??= new Map<string, InstanceEvent>());
}

export const instanceChannel = channel('redis-resilient:instance');
export const gapChannel = channel('redis-resilient:gap');
export const linkChannel = channel('redis-resilient:link');
export const pingChannel = channel('redis-resilient:ping');
export const canaryChannel = channel('redis-resilient:canary');
export const publishFailedChannel = channel('redis-resilient:publish-failed');
export const messageChannel = channel('redis-resilient:message');
