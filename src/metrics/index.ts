export { collectRedisResilientMetrics } from './collect.js';
export type { RedisResilientMetricsBuckets, RedisResilientMetricsOptions } from './metrics-options.js';
