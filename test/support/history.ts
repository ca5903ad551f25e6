import { expect } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import type { Accepted } from './publisher-order.js';
import type { Publisher } from './publisher.js';
import type { Listener, Recorded } from './subscriber.js';
import { violations } from './violations.js';

/** Numbers that were handled late, or were not handled. */
export function missing(publisher: Publisher, listener: Listener, since: number): number[] {
  const handled = new Set(listener.handled.items.map(({ n }) => n));
  return publisher.accepted.items
    .filter(({ sentAt, n }) => sentAt >= since && !handled.has(n))
    .map(({ n }) => n);
}

/**
 * Stops publishing and expects that every message was handled once and in order, or lies in a reported gap.
 *
 * @param covers which of the accepted messages the promise is about; by default all
 */
export async function expectHonest(
  publisher: Publisher,
  subscriber: Recorded,
  since: number,
  covers: (message: Accepted) => boolean = () => true,
): Promise<void> {
  await publisher.stop();
  const look = (): string[] =>
    violations({
      accepted: publisher.accepted.items.filter(covers),
      handled: subscriber.handled.items,
      gaps: [...subscriber.gaps.values()],
      subscriptions: subscriber.subscriptions.map(({ name }) => name),
      since,
    });
  // The last messages may still be under way.
  await poll(() => look().length === 0, { deadline: 2_000 }).catch(() => undefined);
  expect(look()).toEqual([]);
}
