import { afterAll, describe, expect } from '@jest/globals';

import { expectHonest, missing } from '../support/history.js';
import { Stage } from '../support/stage.js';
import { heardAgain, type Subscriber, UNWATCHED } from '../support/subscriber.js';
import { together } from '../support/together.js';

const stage = new Stage();

interface Frozen {
  subscriber: Subscriber;
  deafFor: number;
  lost: number[];
}

/** A server stopped in its tracks keeps its sockets open, and accepts more of them. */
async function freezeUntil(
  isFrozenEnough: (subscriber: Subscriber) => Promise<void>,
  options: Parameters<Stage['subscriber']>[1] = {},
): Promise<Frozen> {
  const redis = await stage.redis();
  const publisher = await stage.publisher(redis);
  const subscriber = await stage.subscriber(redis.clientAddress, options);
  const live = performance.now();
  await heardAgain(subscriber, publisher, live);

  redis.freeze();
  await isFrozenEnough(subscriber);
  redis.thaw();
  const since = performance.now();
  const { at } = await heardAgain(subscriber, publisher, since);
  await expectHonest(publisher, subscriber, live);
  return { subscriber, deafFor: at - since, lost: missing(publisher, subscriber, live) };
}

const suspected = (subscriber: Subscriber) => subscriber.becomes(({ links }) => links.suspicions > 0);
const givenUp = (subscriber: Subscriber) => subscriber.becomes(({ live }) => !live);

describe('A server that is frozen and thawed', () => {
  afterAll(() => stage.close());

  together({
    'before the verdict: nothing is lost': async () => {
      const { subscriber, deafFor, lost } = await freezeUntil(suspected);
      expect(deafFor).toBeLessThan(1_500);
      expect(lost).toEqual([]);
      expect(subscriber.snapshot().live).toBe(true);
    },

    'after the verdict: it is reported, heard again at once, and nothing is lost': async () => {
      const { subscriber, deafFor, lost } = await freezeUntil(givenUp);
      expect(deafFor).toBeLessThan(1_500);
      expect(lost).toEqual([]);
      expect(subscriber.closedGaps('silent')).toHaveLength(1);
    },

    'without keep-alive nothing of it is noticed': async () => {
      const frozenFor4s = async (subscriber: Subscriber): Promise<void> => {
        const since = performance.now();
        await subscriber.becomes(({ lastHeardAgo }) => (lastHeardAgo ?? 0) > 4_000);
        expect(performance.now() - since).toBeGreaterThan(3_500);
        expect(subscriber.snapshot().live).toBe(true);
      };
      const { subscriber } = await freezeUntil(frozenFor4s, UNWATCHED);
      expect(subscriber.gaps.size).toBe(0);
    },
  });
});
