import assert from 'node:assert/strict';

import { startRedis } from '../../src/testing/index.js';
import { PrometheusProcess } from './prometheus-process.js';
import { SampleApplication } from './sample-application.js';

const PAGE = 'RedisResilientSubscriptionDown';

/** A real Prometheus scrapes the sample application while Redis is frozen: the page fires, and resolves by itself. */
export async function prove(program: string): Promise<void> {
  const ends: { stop(): Promise<unknown> }[] = [];
  try {
    const redis = await startRedis();
    ends.push(redis);
    const application = await SampleApplication.start(redis.clientAddress);
    ends.push(application);
    const prometheus = await PrometheusProcess.start(program, new URL(application.url));
    ends.push(prometheus);
    await prometheus.answers('redis_resilient_subscription_up == 1');

    redis.freeze();
    await prometheus.becomes(PAGE, 'firing');
    console.log(`Redis is frozen: ${PAGE} fires.`);
    const { description = '' } = (await prometheus.annotationsOf(PAGE)) ?? {};
    assert.match(description, /^100 % of the processes of orders hear nothing\. .*Do not restart/);
    console.log(`  ${description}`);

    redis.thaw();
    await prometheus.becomes(PAGE, 'inactive');
    console.log(`Redis goes on: ${PAGE} is resolved.`);
    await prometheus.becomes('RedisResilientGaps', 'firing');
    console.log('The gap is a ticket.');
  } finally {
    for (const end of ends.reverse()) await end.stop();
  }
}
