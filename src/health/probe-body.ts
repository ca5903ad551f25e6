import type { HealthIndicatorResult } from '@nestjs/terminus';
import type { Engine } from '../redis/engine.js';
import type { RedisResilientHealthIndicator } from './health-indicator.js';

/** The body of a probe, in the format of Terminus. */
export interface ProbeBody {
  readonly status: 'ok' | 'error';
  /** What is up. */
  readonly info: HealthIndicatorResult;
  /** What is down. */
  readonly error: HealthIndicatorResult;
  /** Both. */
  readonly details: HealthIndicatorResult;
}

/** What a probe says of some instances together. */
export function probeBody(
  probe: 'live' | 'ready',
  engines: readonly Pick<Engine, 'name'>[],
  indicator: RedisResilientHealthIndicator,
): ProbeBody {
  const results = engines.map(({ name }) => {
    const key = name === undefined ? 'redis' : `redis:${name}`;
    return probe === 'live' ? indicator.isLive(key, name) : indicator.isReady(key, name);
  });
  const details = Object.assign({}, ...results) as HealthIndicatorResult;
  const only = (up: boolean): HealthIndicatorResult =>
    Object.fromEntries(Object.entries(details).filter(([, { status }]) => (status === 'up') === up));
  const error = only(false);
  return { status: Object.keys(error).length === 0 ? 'ok' : 'error', info: only(true), error, details };
}
