import { afterAll, describe, expect } from '@jest/globals';

import type { RedisNode } from '../../src/testing/index.js';
import { stockNest } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

/** The stock transport takes the first drop for the last; we are back before it would have been noticed. */
async function survive(close: (redis: RedisNode) => unknown): Promise<void> {
  const redis = await stage.redis();
  const publisher = await stage.publisher(redis);
  const stock = await stage.control(stockNest(redis.clientAddress, 'orders.new'));
  const subscriber = await stage.subscriber(redis.clientAddress);
  const live = performance.now();
  await heardAgain(stock, publisher, live);
  await heardAgain(subscriber, publisher, live);

  await close(redis);
  const since = performance.now();
  const { at } = await heardAgain(subscriber, publisher, since);
  expect(at - since).toBeLessThan(1_000);
  expect(await heardWithin(stock, publisher, since, 2_500)).toBe(0);
  expect(subscriber.closedGaps('closed')).toHaveLength(1);
  await expectHonest(publisher, subscriber, live);
}

describe('A closed connection is back within a second, and what may have been missed is reported', () => {
  afterAll(() => stage.close());

  together({
    'killed on the server': () => survive((redis) => redis.killPubSub()),
    'reset (RST)': () => survive((redis) => redis.inner.reset()),
    'closed in an orderly way (FIN)': () => survive((redis) => redis.inner.fin()),
  });
});
