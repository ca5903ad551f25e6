import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PlannedHandOver } from '../../src/subscription/planned-handover.js';
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
  new TwoLinks(KEYS, (outlet) => new PlannedHandOver(outlet, cap), past);

const anyEnding = anyInterleavingWith('closeOld', 'expire');
const anyCap = fc.integer({ min: 1, max: 20 });

describe('a planned hand-over', () => {
  it('delivers each message once, in order and none late, however the two links interleave', () => {
    fc.assert(
      fc.property(anyPast, anyInterleaving, anyInterleaving, (past, before, after) => {
        const links = playThrough(between(past), before, after);
        links.finish();
        expect(links.delivered.map(({ message }) => message.at)).toEqual(
          links.executed.flatMap((message) => (message ? [message.at] : [])),
        );
        expect(links.delivered.filter(({ late }) => late)).toEqual([]);
        expect(links.handOver).toMatchObject({ done: true, cut: false });
      }),
      { numRuns: 1000 },
    );
  });

  it('delivers nothing twice and says `cut` where the old link closes or patience ends', () => {
    fc.assert(
      fc.property(anyPast, anyEnding, fc.boolean(), anyEnding, (past, before, promoted, after) => {
        const links = play(between(past), before);
        if (promoted) links.reachPromotion();
        play(links, after);
        links.finish();
        expect(links.twice()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        expect(links.delivered.filter(({ late }) => late)).toEqual([]);
        expect(links.handOver.done).toBe(true);
        if (links.missing().length > 0) expect(links.handOver.cut).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is cut where the successor ends before the old link is through', () => {
    fc.assert(
      fc.property(anyPast, anyInterleaving, anyInterleavingWith('expire'), (past, before, after) => {
        const links = play(between(past), before);
        links.reachPromotion();
        play(links, after);
        const wasHeard = links.heardBySuccessor;
        links.closeSuccessor();
        links.finish();
        expect(links.twice()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        // What nobody but the ended successor could have brought lies in the gap of its own end.
        const lost = links.missing().filter(({ at }) => at < wasHeard);
        if (lost.length > 0) expect(links.handOver.cut).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the old link as it was when the successor is put away', () => {
    fc.assert(
      fc.property(anyPast, anyInterleavingWith('abandon', 'closeSuccessor'), anyPast, (past, turns, more) => {
        const links = play(between(past), turns);
        links.abandon();
        if (!links.abandoned) return;
        for (const key of more) links.publish(key);
        links.finish();
        expect(links.delivered.map(({ message }) => message)).toEqual(links.executed);
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
          play(links, [turn]);
          if (!links.handOver.done) expect(links.heldOfSuccessor()).toBeLessThanOrEqual(cap);
        }
        links.finish();
        expect(links.twice()).toEqual([]);
        expect(links.outOfOrder()).toEqual([]);
        if (links.missing().length > 0) expect(links.handOver.cut).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is done when both have reached the marker, whichever comes first', () => {
    const oldFirst = new PlannedHandOver(() => undefined);
    oldFirst.oldMarker();
    expect(oldFirst.done).toBe(false);
    oldFirst.successorMarker();
    expect(oldFirst.done).toBe(true);
    const successorFirst = new PlannedHandOver(() => undefined);
    successorFirst.successorMarker();
    expect(successorFirst.done).toBe(false);
    successorFirst.oldMarker();
    expect(successorFirst.done).toBe(true);
  });
});
