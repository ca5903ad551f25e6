import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Gap } from '../../src/subscription/gap.js';
import { GapLedger } from '../../src/subscription/ledger.js';

function book(): { ledger: GapLedger; said: Gap[] } {
  const said: Gap[] = [];
  return { ledger: new GapLedger((gap) => said.push(gap)), said };
}

describe('a gap', () => {
  it('is told three times: open, closed, settled', () => {
    const { ledger, said } = book();
    ledger.open('link', 'silent', 100, ['orders.*'], 150);
    ledger.close('link', 300, 7);
    ledger.late(7);
    ledger.late(7);
    ledger.settle(7);
    const gap = { id: 1, cause: 'silent', from: 100, patterns: ['orders.*'], dropped: 0 };
    expect(said).toEqual([
      { ...gap, phase: 'open', to: null, duration: 50, late: 0 },
      { ...gap, phase: 'closed', to: 300, duration: 200, late: 0 },
      { ...gap, phase: 'settled', to: 300, duration: 200, late: 2 },
    ]);
  });

  it('is settled at once where no old link may still bring anything', () => {
    const { ledger, said } = book();
    ledger.open('link', 'closed', 100, [], 100);
    ledger.close('link', 200, null);
    expect(said.map(({ phase }) => phase)).toEqual(['open', 'closed', 'settled']);
  });

  it('keeps its id and its first cause while others join it, and reaches back to the earliest', () => {
    const { ledger, said } = book();
    ledger.open('refused', 'refused', 100, ['a'], 100);
    ledger.open('refused', 'lost', 50, ['b', 'a'], 110);
    ledger.open('refused', 'lost', 80, ['c'], 120);
    ledger.widen('refused', 40);
    ledger.widen('refused', 60);
    ledger.close('refused', 200, null);
    expect(said.length).toBe(3);
    expect(said[1]).toMatchObject({
      id: 1,
      cause: 'refused',
      from: 40,
      duration: 160,
      patterns: ['a', 'b', 'c'],
    });
  });

  it('that concerns every subscription is not narrowed by one that concerns some', () => {
    const { ledger } = book();
    ledger.open('link', 'closed', 100, [], 100);
    ledger.open('link', 'refused', 100, ['a'], 100);
    ledger.open('other', 'refused', 100, ['a'], 100);
    ledger.open('other', 'closed', 100, [], 100);
    expect(ledger.openGaps(100).map(({ patterns }) => patterns)).toEqual([[], []]);
  });

  it('counts what this process dropped', () => {
    const { ledger, said } = book();
    ledger.open('overflow', 'overflow', 100, ['a'], 100);
    ledger.drop('overflow', 2);
    ledger.drop('overflow', 3);
    ledger.close('overflow', 200, null);
    ledger.drop('overflow', 1);
    expect(said.at(-1)).toMatchObject({ phase: 'settled', dropped: 5 });
  });

  it('shows how long it has lasted while it is open', () => {
    const { ledger } = book();
    ledger.open('link', 'closed', 100, [], 100);
    expect(ledger.isOpen('link')).toBe(true);
    expect(ledger.openGaps(450)).toMatchObject([{ phase: 'open', to: null, duration: 350 }]);
    ledger.close('link', 500, null);
    expect(ledger.isOpen('link')).toBe(false);
    expect(ledger.openGaps(600)).toEqual([]);
  });
});

const anyKey = fc.constantFrom('link', 'refused', 'overflow:1');
const anyLink = fc.integer({ min: 1, max: 3 });
const anyTime = fc.nat(1000);
const anyEntry = fc.oneof(
  fc.record({ do: fc.constant('open' as const), key: anyKey, from: anyTime }),
  fc.record({ do: fc.constant('widen' as const), key: anyKey, from: anyTime }),
  fc.record({ do: fc.constant('close' as const), key: anyKey, kept: fc.option(anyLink) }),
  fc.record({ do: fc.constantFrom('late' as const, 'settle' as const), link: anyLink }),
);

describe('the book of gaps', () => {
  it('says each moment of each gap once and in order, whatever is written into it', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 60 }), (entries) => {
        const { ledger, said } = book();
        for (const entry of entries) {
          if (entry.do === 'open') ledger.open(entry.key, 'closed', entry.from, [], 1000);
          else if (entry.do === 'widen') ledger.widen(entry.key, entry.from);
          else if (entry.do === 'close') ledger.close(entry.key, 2000, entry.kept);
          else ledger[entry.do](entry.link);
        }
        const open = ledger.openGaps(3000);
        for (const { id } of open) expect(said.filter((gap) => gap.id === id).length).toBe(1);
        for (const key of ['link', 'refused', 'overflow:1']) ledger.close(key, 3000, null);
        for (const link of [1, 2, 3]) ledger.settle(link);
        expect(new Set(said.map(({ id }) => id)).size).toBe(ledger.total);
        for (let id = 1; id <= ledger.total; id += 1) {
          const moments = said.filter((gap) => gap.id === id);
          expect(moments.map(({ phase }) => phase)).toEqual(['open', 'closed', 'settled']);
          const [first, closed, settled] = moments as [Gap, Gap, Gap];
          expect(closed.from).toBeLessThanOrEqual(first.from);
          expect({ ...settled, phase: closed.phase, late: closed.late }).toEqual(closed);
          expect(closed.duration).toBe(closed.to! - closed.from);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('counts a late message for the gaps that wait for its link, and for no other', () => {
    const { ledger, said } = book();
    for (const [key, kept] of [
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ] as const) {
      ledger.open(key, 'closed', 0, [], 0);
      ledger.close(key, 10, kept);
    }
    ledger.late(1);
    ledger.late(3);
    for (const link of [1, 2, 3, 1]) ledger.settle(link);
    ledger.late(1);
    expect(said.filter(({ phase }) => phase === 'settled').map(({ late }) => late)).toEqual([1, 1, 0]);
  });
});
