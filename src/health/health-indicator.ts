import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Instances } from './instances.js';
import { liveness } from './liveness.js';
import { isReady, report } from './probe.js';

/**
 * The probes as a Terminus indicator, for a health check of the application's own:
 * `health.check([() => redis.isReady('redis')])`.
 */
@Injectable()
export class RedisResilientHealthIndicator {
  readonly #results: HealthIndicatorService;
  readonly #instances: Instances;

  constructor(results: HealthIndicatorService, instances: Instances) {
    this.#results = results;
    this.#instances = instances;
  }

  /**
   * Up while every subscription is acknowledged on a live link, or was until less than `readinessGrace` ago.
   *
   * @param key under which the result stands in the body
   * @param name of the module instance; the unnamed one by default
   * @throws RedisResilientOptionsError where there is no instance of this name
   */
  isReady<const Key extends string>(key: Key, name?: string): HealthIndicatorResult<Key> {
    const { monitor, options } = this.#instances.get(name);
    const snapshot = monitor.snapshot();
    const check = this.#results.check(key);
    const facts = report(snapshot);
    return isReady(snapshot, options.health.readinessGrace) ? check.up(facts) : check.down(facts);
  }

  /** Up unless a restart would help; then `reason` says why. Parameters and errors as in `isReady`. */
  isLive<const Key extends string>(key: Key, name?: string): HealthIndicatorResult<Key> {
    const engine = this.#instances.get(name);
    const { up, reason } = liveness(engine);
    const check = this.#results.check(key);
    const facts = report(engine.monitor.snapshot());
    return up ? check.up(facts) : check.down({ ...facts, reason });
  }
}
