/** ioredis alone. */
import { Redis } from 'ioredis';

import { assignment, heard } from './assignment.js';

const redis = new Redis({
  ...assignment.connection,
  ...assignment.options,
  // Functions, which an assignment cannot carry.
  retryStrategy: (attempt: number) => Math.min(attempt * 50, 500),
  sentinelRetryStrategy: () => 100,
});
redis.on('error', (error) => console.error(error.message));
redis.on('pmessage', (_pattern: string, _channel: string, payload: string) => {
  heard((JSON.parse(payload) as { data: { n: number } }).data);
});
await redis.psubscribe('orders.*');
