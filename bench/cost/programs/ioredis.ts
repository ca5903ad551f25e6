/** ioredis alone, with a plain function where the others have a handler. */
import { Redis } from 'ioredis';

import { assignment, patterns } from './assignment.js';
import { handle, handleDue, ready } from './meter.js';

const redis = new Redis(assignment.redis);
if (assignment.handler === 'bytes') redis.on('pmessageBuffer', () => handle());
else {
  redis.on('pmessage', (_pattern: string, _channel: string, payload: string) => {
    const { data } = JSON.parse(payload) as { data: { due: number } };
    if (assignment.handler === 'timed') handleDue(data);
    else handle();
  });
}
await redis.psubscribe(...patterns);
ready();
