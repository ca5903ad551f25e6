import { describe, expect, it } from '@jest/globals';
import { ReplySubscriptions } from '../../src/transport/reply-subscriptions.js';

const KEPT = 10;

/** The names that are wanted, with a set where an engine would be. */
function bench(): { wanted: Set<string>; replies: ReplySubscriptions } {
  const wanted = new Set<string>();
  const engine = {
    subscribe: (_: unknown, name: string) => void wanted.add(name),
    unsubscribe: (_: unknown, name: string) => void wanted.delete(name),
    acknowledged: () => Promise.resolve(),
  };
  return { wanted, replies: new ReplySubscriptions(engine, () => undefined, 1_000, KEPT) };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `c${n}.reply`);

describe('the reply channels that stay subscribed', () => {
  it('are the most recently used', async () => {
    const { wanted, replies } = bench();
    for (const name of [...names(KEPT), 'c0.reply', 'new.reply']) {
      await replies.hold(name);
      replies.release(name);
    }
    expect(wanted.size).toBe(KEPT);
    expect(wanted.has('c0.reply')).toBe(true);
    expect(wanted.has('c1.reply')).toBe(false);
  });

  it('hold those in flight however many they are, and are few again afterwards', async () => {
    const { wanted, replies } = bench();
    const many = names(50 * KEPT);
    for (const name of many) await replies.hold(name);
    expect(wanted.size).toBe(many.length);
    for (const name of many) replies.release(name);
    expect([...wanted]).toEqual(many.slice(-KEPT));
    expect(replies.size).toBe(KEPT);
  });

  it('stay while one of several requests is in flight', async () => {
    const { wanted, replies } = bench();
    await replies.hold('busy.reply');
    await replies.hold('busy.reply');
    replies.release('busy.reply');
    for (const name of names(2 * KEPT)) {
      await replies.hold(name);
      replies.release(name);
    }
    expect(wanted.has('busy.reply')).toBe(true);
    replies.release('busy.reply');
    expect(wanted.size).toBe(KEPT);
  });
});
