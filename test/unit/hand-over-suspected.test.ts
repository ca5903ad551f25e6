import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SuspectedHandOver } from '../../src/subscription/suspected-handover.js';
import {
  anyInterleaving,
  anyInterleavingWith,
  anyPast,
  KEYS,
  play,
  playThrough,
  PROMOTE,
  TwoLinks,
} from '../support/two-links.js';

const between = (past: readonly string[] = [], cap?: number): TwoLinks =>
  new TwoLinks(KEYS, (outlet) => new SuspectedHandOver(outlet, cap), past);

/** The gap of the suspicion lasts until the promotion. */
const outsideTheGap = (links: TwoLinks): unknown[] =>
  links.missing().filter(({ at }) => at >= (links.promotedAt ?? Infinity));

const anyEnding = anyInterleavingWith('closeOld', 'expire');
const anyCap = fc.integer({ min: 1, max: 20 });

describe('a hand-over from a link that is suspected', () => {
  it('delivers each message once and the successor in order, however the two links interleave', () => {
    fc.assert(
      fc.property(anyPast, anyInterleaving, anyInterleaving, (past, before, after) => {
        const links = playThrough(between(past), before, after);
        links.finish();
        expect(links.twice()).toEqual([]);
        expect(links.missing()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        expect(links.handOver).toMatchObject({ done: true, cut: false });
      }),
      { numRuns: 1500 },
    );
  });

  it('lets the successor speak at once, and waits for nobody', () => {
    fc.assert(
      fc.property(anyPast, anyInterleaving, (past, turns) => {
        const links = between(past);
        links.reachPromotion();
        play(links, turns);
        const delivered = new Set(links.delivered.map(({ message }) => message.at));
        expect(links.saidBySuccessor().filter((at) => !delivered.has(at))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('delivers nothing twice where links close and patience ends, and loses only what lies in its gap', () => {
    fc.assert(
      fc.property(anyPast, anyEnding, fc.boolean(), anyEnding, (past, before, promoted, after) => {
        const links = play(between(past), before);
        if (promoted) links.reachPromotion();
        play(links, after);
        links.finish();
        links.closeOld();
        expect(links.twice()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        expect(outsideTheGap(links)).toEqual([]);
        expect(links.handOver.done).toBe(true);
        if (links.missing().length > 0) expect(links.handOver.cut).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is cut where the successor ends before its marker', () => {
    fc.assert(
      fc.property(anyPast, anyInterleaving, anyInterleavingWith('closeOld'), (past, before, after) => {
        const links = play(between(past), before);
        links.reachPromotion();
        play(links, after);
        const { done } = links.handOver;
        links.closeSuccessor();
        links.finish();
        expect(links.twice()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        expect(links.handOver.done).toBe(true);
        if (!done) expect(links.handOver.cut).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the old link its voice back when the successor is put away: all it said, in order, none late', () => {
    fc.assert(
      fc.property(anyPast, anyInterleavingWith('abandon', 'closeSuccessor'), anyPast, (past, turns, more) => {
        const links = play(between(past), turns);
        links.abandon();
        if (!links.abandoned) return;
        for (const key of more) links.publish(key);
        links.finish();
        expect(links.delivered.map(({ message }) => message)).toEqual(links.executed);
        expect(links.delivered.filter(({ late }) => late)).toEqual([]);
        expect(links.handOver).toMatchObject({ done: true, cut: false });
      }),
      { numRuns: 500 },
    );
  });

  it('holds no more than its cap, and is cut where that does not suffice', () => {
    fc.assert(
      fc.property(anyPast, anyInterleaving, anyInterleaving, anyCap, (past, before, after, cap) => {
        const links = between(past, cap);
        for (const turn of [...before, PROMOTE, ...after]) {
          const before = links.delivered.length;
          const promoted = links.promotedAt !== null;
          play(links, [turn]);
          if (!links.handOver.done) expect(links.heldOfOld()).toBeLessThanOrEqual(cap);
          if (!promoted && links.promotedAt !== null) {
            const held = links.delivered.slice(before).reduce((sum, { message }) => sum + message.size, 0);
            expect(held).toBeLessThanOrEqual(cap);
          }
        }
        links.finish();
        expect(links.twice()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        expect(outsideTheGap(links)).toEqual([]);
        expect(links.handOver.done).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('says `cut` of an old link that says more than the cap and goes on after all', () => {
    const links = between([], 3);
    for (let n = 0; n < 5; n += 1) links.publish('other');
    for (let n = 0; n < 5; n += 1) links.oldHears();
    links.abandon();
    expect(links.missing().length).toBe(5);
    expect(links.handOver).toMatchObject({ done: true, cut: true });
  });

  it('counts per subscription: what one of them hears early says nothing about another', () => {
    const links = between();
    links.subscribe('other');
    links.publish('other');
    links.publish('orders.*');
    links.subscribe('orders.*');
    links.subscribe('orders.new');
    links.publish('orders.new');
    links.finish();
    expect(links.delivered.map(({ message, late }) => [message.key, late])).toEqual([
      ['other', false],
      ['orders.new', false],
      ['orders.*', true],
    ]);
  });
});
