import { afterAll, describe, expect, it } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { stockNest } from '../support/controls.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin } from '../support/subscriber.js';

const stage = new Stage();

describe('A subscriber that Redis closes because it reads too slowly', () => {
  afterAll(() => stage.close());

  it('is back within a second, and what was in the buffer is reported', async () => {
    const redis = await stage.redis({
      links: true,
      config: { 'client-output-buffer-limit': 'pubsub 1mb 0 0' },
    });
    const filling = 'x'.repeat(32 * 1024);
    const publisher = await stage.publisher(redis, { rate: 400, payload: `{"n":%n,"x":"${filling}"}` });
    const stock = await stage.control(stockNest(redis.clientAddress, 'orders.new'));
    // Patient, so that it is Redis and not we who give up.
    const keepAlive = { suspectAfter: 10_000, timeout: 12_000 };
    const subscriber = await stage.subscriber(redis.clientAddress, { keepAlive });
    const live = performance.now();
    await heardAgain(stock, publisher, live);
    await heardAgain(subscriber, publisher, live);

    const heal = redis.inner.blackHole('toClient', { connections: 'open' });
    await poll(async () => (await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub')) === '', {
      deadline: 10_000,
      every: 50,
      what: 'the closing of every subscriber',
    });
    heal();
    const since = performance.now();
    const { at } = await heardAgain(subscriber, publisher, since);
    expect(at - since).toBeLessThan(1_500);
    expect(await heardWithin(stock, publisher, since, 3_000)).toBe(0);
    expect(subscriber.closedGaps('closed')).toHaveLength(1);
    await expectHonest(publisher, subscriber, live);
  });
});
