import type { HealthIndicatorResult } from '@nestjs/terminus';
import type { RedisResilientHealthIndicator } from './health-indicator.js';
import type { Instances } from './instances.js';

/** The body of a probe, in the format of Terminus. */
export interface ProbeBody {
  readonly status: 'ok' | 'error' | 'shutting_down';
  /** What is up. */
  readonly info: HealthIndicatorResult;
  /** What is down. */
  readonly error: HealthIndicatorResult;
  /** Both. */
  readonly details: HealthIndicatorResult;
}

/**
 * What a probe says of the instances at a path together. An application that shuts down is ready for nothing, whatever its
 * subscriptions hear; a restart is under way already.
 */
export function probeBody(
  probe: 'live' | 'ready',
  path: string,
  instances: Instances,
  indicator: RedisResilientHealthIndicator,
): ProbeBody {
  const results = instances.shownAt(path).map(({ name }) => {
    const key = name === undefined ? 'redis' : `redis:${name}`;
    return probe === 'live' ? indicator.isLive(key, name) : indicator.isReady(key, name);
  });
  const details = Object.assign({}, ...results) as HealthIndicatorResult;
  const only = (up: boolean): HealthIndicatorResult =>
    Object.fromEntries(Object.entries(details).filter(([, { status }]) => (status === 'up') === up));
  const error = only(false);
  const isEnding = probe === 'ready' && instances.isShuttingDown;
  const status = Object.keys(error).length === 0 ? 'ok' : 'error';
  return { status: isEnding ? 'shutting_down' : status, info: only(true), error, details };
}
