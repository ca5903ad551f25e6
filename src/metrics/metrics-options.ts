import type { Registry } from 'prom-client';
import { countOrNone, group, knownOnly, refuse, show } from '../option-checks.js';

/** Upper bounds of histograms, in seconds, ascending. */
export interface RedisResilientMetricsBuckets {
  /** From the last proof of hearing to the gap. */
  detection?: readonly number[];
  /** From the gap to being live again. */
  recovery?: readonly number[];
  /** Of PING and canary. */
  roundTrip?: readonly number[];
  /** Of handlers. */
  handler?: readonly number[];
}

/** What is collected where. */
export interface RedisResilientMetricsOptions {
  /** Where the figures are registered. @default the register of prom-client that everything else uses */
  register?: Registry;
  /** What every name begins with. @default 'redis_resilient_' */
  prefix?: string;
  /** Bounds of the histograms. @default bounds that fit the promises */
  buckets?: RedisResilientMetricsBuckets;
  /** Patterns that get a series of their own; all further ones share the label `(others)`. @default 50 */
  maxPatterns?: number;
}

/** Every default filled in. */
export interface ResolvedMetricsOptions {
  readonly prefix: string;
  readonly buckets: Readonly<Required<RedisResilientMetricsBuckets>>;
  readonly maxPatterns: number;
}

const DEFAULTS: ResolvedMetricsOptions = {
  prefix: 'redis_resilient_',
  buckets: {
    detection: [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 7, 10, 30],
    recovery: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    roundTrip: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    handler: [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  maxPatterns: 50,
};

/** @throws RedisResilientOptionsError that names the option, its value and the remedy */
export function resolveMetricsOptions(options: RedisResilientMetricsOptions): ResolvedMetricsOptions {
  const given = group('metrics', options, "{ prefix: 'redis_resilient_' }");
  knownOnly('metrics', given, ['register', ...Object.keys(DEFAULTS)]);
  const prefix = options.prefix ?? DEFAULTS.prefix;
  if (typeof prefix !== 'string' || !/^([a-zA-Z_:][\w:]*)?$/.test(prefix)) {
    refuse(
      'metrics.prefix',
      'the beginning of a Prometheus name (letters, digits, _)',
      show(prefix),
      `The default is '${DEFAULTS.prefix}'.`,
    );
  }
  return {
    prefix,
    buckets: resolveBuckets(options.buckets),
    maxPatterns: countOrNone('metrics.maxPatterns', options.maxPatterns ?? DEFAULTS.maxPatterns),
  };
}

function resolveBuckets(value: unknown): ResolvedMetricsOptions['buckets'] {
  const given = group('metrics.buckets', value, '{ handler: [0.01, 0.1, 1] }');
  const names = Object.keys(DEFAULTS.buckets) as (keyof RedisResilientMetricsBuckets)[];
  knownOnly('metrics.buckets', given, names);
  for (const name of names) refuseDisorder(`metrics.buckets.${name}`, given[name]);
  return { ...DEFAULTS.buckets, ...(given as RedisResilientMetricsBuckets) };
}

function refuseDisorder(option: string, bounds: unknown): void {
  if (bounds === undefined) return;
  const isAscending =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.every((bound, index) => typeof bound === 'number' && (index === 0 || bound > bounds[index - 1]));
  if (!isAscending)
    refuse(option, 'a list of ascending seconds', show(bounds), 'Write for example [0.01, 0.1, 1].');
}
