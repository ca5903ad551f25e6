import { describe, expect, it } from '@jest/globals';

import { type Account, excused, faultsOf } from '../soak/account.js';
import { orderFor, readArguments, writeReplay } from '../soak/arguments.js';
import { falsify } from '../soak/controls.js';
import { FAULT_KINDS } from '../soak/fault.js';
import { growth } from '../soak/resources.js';
import { shrink } from '../soak/shrink.js';

const numbers = [1, 2, 3, 4, 5, 6];

/** Six messages, 10 ms apart, of which the fourth was missed inside a gap. */
function account(change: Partial<Account> = {}): Account {
  return {
    streams: [{ channel: 'soak.a', rate: 100, payload: '{"n":%n}' }],
    subscriptions: [{ kind: 'pattern', name: 'soak.*' }],
    sent: numbers.map((n) => ({
      n,
      stream: 0,
      by: 'redis-1',
      sentAt: n * 10,
      at: n * 10 + 1,
      accepted: true,
    })),
    covers: () => true,
    handled: numbers
      .filter((n) => n !== 4)
      .map((n) => ({ subscription: 'soak.*', n, late: false, at: n * 10 + 2 })),
    gaps: [
      {
        id: 1,
        phase: 'settled',
        cause: 'closed',
        from: 35,
        to: 45,
        duration: 10,
        patterns: [],
        late: 0,
        dropped: 0,
      },
    ],
    ...change,
  };
}

describe('The soak', () => {
  it('draws the same faults from the same seed, and others from another', () => {
    expect(orderFor(7, 3)).toEqual(orderFor(7, 3));
    expect(orderFor(7, 3)).not.toEqual(orderFor(8, 3));
  });

  it('draws every kind of fault', () => {
    const drawn = new Set(orderFor(1, 200).series.flatMap((faults) => faults.map(({ kind }) => kind)));
    expect([...drawn].sort()).toEqual([...FAULT_KINDS].sort());
  });

  it('replays what a failed run has printed', () => {
    const order = orderFor(7, 2);
    expect(readArguments(['--replay', writeReplay(order)])?.orders).toEqual([
      { ...order, withoutHandOver: false },
    ]);
  });

  it('names an argument that cannot be', () => {
    expect(() => readArguments(['--runs', 'many'])).toThrow('--runs is many, and must be a whole number');
  });

  it('accepts an account in which what was missed lies in a gap', () => {
    expect(faultsOf(account())).toEqual([]);
    expect(excused(account()).map(({ n }) => n)).toEqual([4]);
  });

  it('finds out an account without its gaps, with a message swallowed, and with one doubled', () => {
    expect(falsify(account())).toEqual({ withoutGaps: 1, oneSwallowed: 1, oneDoubled: expect.any(Number) });
    expect(falsify(account()).oneDoubled).toBeGreaterThan(0);
  });

  it('asks for order only among messages that are certain and not late', () => {
    const [first, second, ...rest] = account().handled;
    if (!first || !second) throw new Error('an account of six messages');
    expect(faultsOf(account({ handled: [second, first, ...rest] }))).toHaveLength(1);
    expect(faultsOf(account({ handled: [second, { ...first, late: true }, ...rest] }))).toEqual([]);
  });

  it('counts messages that are all alike', () => {
    const same = {
      streams: [{ channel: 'soak.a', rate: 100, payload: 'same' }],
      handled: account().handled.map((one) => ({ ...one, n: NaN })),
    };
    expect(faultsOf(account(same))).toEqual([]);
    expect(faultsOf(account({ ...same, gaps: [] }))).toHaveLength(1);
    expect(faultsOf(account({ ...same, handled: [...same.handled, ...same.handled] }))).toHaveLength(1);
  });

  it('finds the shortest part that still fails', async () => {
    const fails = (part: readonly number[]): Promise<boolean> =>
      Promise.resolve(part.includes(3) && part.includes(17));
    const all = Array.from({ length: 20 }, (_, index) => index);
    await expect(shrink(all, fails, 200)).resolves.toEqual([3, 17]);
  });

  it('stops looking for a shorter part after so many attempts', async () => {
    let attempts = 0;
    await shrink([...Array(50).keys()], () => Promise.resolve(++attempts < 0), 5);
    expect(attempts).toBe(5);
  });

  it('tells growth from what comes and goes', () => {
    const first = { timers: 3, sockets: 5, heap: 10_000_000 };
    expect(growth(first, { ...first, sockets: 7 })).toEqual([]);
    expect(growth(first, { ...first, sockets: 30 })).toEqual(['sockets have grown from 5 to 30']);
  });
});
