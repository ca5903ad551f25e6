import type { EventResult } from './cases/events.js';
import type { FlatSample } from './cases/flat.js';
import type { IdleResult } from './cases/idle.js';
import type { LatencyResult } from './cases/latency.js';
import type { PatternResult, RedisCost } from './cases/patterns.js';
import type { RequestResult } from './cases/requests.js';

/** Everything that one run has measured. */
export interface Results {
  rounds: number;
  versions: Record<string, string>;
  /** As `2 cores, Some CPU`. */
  machine: string;
  events: EventResult[];
  latency: LatencyResult[];
  requests: RequestResult[];
  patterns: PatternResult[];
  redis: RedisCost[];
  idle: IdleResult[];
  flat: FlatSample[];
}
