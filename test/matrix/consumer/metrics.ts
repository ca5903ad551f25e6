/** The metrics, where prom-client is installed. */
import assert from 'node:assert/strict';

import { collectRedisResilientMetrics } from '@redis-resilient/nestjs/metrics';
import { Registry } from 'prom-client';

const register = new Registry();
collectRedisResilientMetrics({ register });
void register.metrics().then((page) => {
  assert.match(page, /subscription_up/);
  console.log('metrics collected');
});
