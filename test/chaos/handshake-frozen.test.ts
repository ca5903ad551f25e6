import { afterAll, describe, expect } from '@jest/globals';

import { type RedisNode, poll } from '../../src/testing/index.js';
import { expectHonest } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin, type Subscriber, UNWATCHED } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

/** Ends the connection, and freezes the next one in its handshake, for good; those after it work. */
type Freeze = (redis: RedisNode, subscriber: Subscriber) => Promise<void>;

/** The server accepts and does not say another word. */
const beforeReady: Freeze = async (redis, subscriber) => {
  const accepted = async () => Number(await redis.info('total_connections_received'));
  const before = await accepted();
  const heal = redis.inner.blackHole('toClient', { connections: 'new' });
  await redis.killPubSub();
  await subscriber.becomes(({ state, links }) => state === 'connecting' && links.made === 2);
  // Under RESP2 one is there anyway, to publish.
  await poll(async () => (await accepted()) > before, { what: 'another connection' });
  redis.inner.forget();
  heal();
};

/** The connection is ready and the names are on their way, but not acknowledged. */
const beforeAcknowledgement: Freeze = async (redis, subscriber) => {
  const frozen = new Promise<void>((resolve) => {
    const watch = subscriber.engine.monitor.status$.subscribe(({ state }) => {
      if (state !== 'subscribing') return;
      redis.inner.forget();
      watch.unsubscribe();
      resolve();
    });
  });
  await redis.killPubSub();
  await frozen;
};

async function play(freeze: Freeze, watched: boolean): Promise<void> {
  const redis = await stage.redis();
  const publisher = await stage.publisher(redis);
  const subscriber = await stage.subscriber(redis.clientAddress, watched ? {} : UNWATCHED);
  const live = performance.now();
  await heardAgain(subscriber, publisher, live);

  await freeze(redis, subscriber);
  const since = performance.now();
  if (watched) {
    const { at } = await heardAgain(subscriber, publisher, since);
    expect(at - since).toBeLessThan(4_500);
    expect(subscriber.closedGaps('closed')).toHaveLength(1);
  } else {
    expect(await heardWithin(subscriber, publisher, since, 6_500)).toBe(0);
  }
  await expectHonest(publisher, subscriber, live);
}

describe('An attempt that freezes in its handshake has a deadline', () => {
  afterAll(() => stage.close());

  together({
    'before the connection is ready': () => play(beforeReady, true),
    'before the subscriptions are acknowledged': () => play(beforeAcknowledgement, true),
    'without the deadline: deaf, before the connection is ready': () => play(beforeReady, false),
    'without the deadline: deaf, before the subscriptions are acknowledged': () =>
      play(beforeAcknowledgement, false),
  });
});
