import { afterAll, describe, expect } from '@jest/globals';

import { poll, type TcpLink } from '../../src/testing/index.js';
import { expectHonest, missing } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, heardWithin, UNWATCHED } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

/** No end of the connection is told anything. Without keep-alive nobody would ever know. */
async function survive(silence: (link: TcpLink) => unknown): Promise<void> {
  const redis = await stage.redis();
  const publisher = await stage.publisher(redis);
  const unwatched = await stage.subscriber(redis.clientAddress, UNWATCHED);
  const subscriber = await stage.subscriber(redis.clientAddress);
  const live = performance.now();
  await heardAgain(unwatched, publisher, live);
  await heardAgain(subscriber, publisher, live);

  silence(redis.inner);
  const since = performance.now();
  await subscriber.becomes(({ links }) => links.suspicions === 1, 2_500);
  const { at } = await heardAgain(subscriber, publisher, since);
  expect(at - since).toBeLessThan(4_500);
  expect(await heardWithin(unwatched, publisher, since, 8_000)).toBe(0);
  expect(unwatched.snapshot().live).toBe(true);
  expect(subscriber.closedGaps('silent')).toHaveLength(1);
  await expectHonest(publisher, subscriber, live);
}

describe('A link that goes silent is suspected, replaced and reported within seconds', () => {
  afterAll(() => stage.close());

  together({
    'black hole in both directions': () => survive((link) => link.blackHole('both', { connections: 'open' })),
    'black hole towards the client': () =>
      survive((link) => link.blackHole('toClient', { connections: 'open' })),
    'forgotten by a middlebox': () => survive((link) => link.forget()),

    'black hole towards the server while nobody publishes': async () => {
      const redis = await stage.redis();
      const unwatched = await stage.subscriber(redis.clientAddress, UNWATCHED);
      const subscriber = await stage.subscriber(redis.clientAddress);
      const live = performance.now();

      redis.inner.blackHole('toServer', { connections: 'open' });
      await subscriber.becomes(({ links, live }) => links.made === 2 && live, 4_500);
      await subscriber.becomes(() => subscriber.closedGaps('silent').length === 1);
      await unwatched.becomes(({ lastHeardAgo }) => (lastHeardAgo ?? 0) > 8_000);
      expect(unwatched.snapshot()).toMatchObject({ live: true, links: { made: 1 } });
      const publisher = await stage.publisher(redis);
      await heardAgain(subscriber, publisher, live);
      await expectHonest(publisher, subscriber, live);
    },

    'black hole towards the server while messages still come: they are all heard': async () => {
      const redis = await stage.redis();
      const publisher = await stage.publisher(redis);
      const subscriber = await stage.subscriber(redis.clientAddress);
      const live = performance.now();

      redis.inner.blackHole('toServer', { connections: 'open' });
      await heardWithin(subscriber, publisher, live, 4_500);
      await publisher.stop();
      await poll(() => missing(publisher, subscriber, live).length === 0);
      await expectHonest(publisher, subscriber, live);
    },
  });
});
