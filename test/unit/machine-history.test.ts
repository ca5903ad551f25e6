import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { anyFaults, OVERLAPPING, strike, type Fault } from '../support/invented-faults.js';
import { InventedLab, LAB_CONFIG, type Message } from '../support/invented-lab.js';
import { isTrusted } from '../support/machine-driver.js';

/** Plays the faults, then leaves everything in peace until all is settled. */
function history(faults: readonly Fault[], randoms: readonly number[]): InventedLab {
  let drawn = 0;
  const lab = new InventedLab(LAB_CONFIG, () => randoms[(drawn += 1) % randoms.length]!);
  lab.start();
  lab.run(UP);
  for (const fault of faults) {
    lab.run(fault.after);
    strike(lab, fault);
  }
  lab.run(20_000);
  lab.stopPublishing();
  lab.run(30_000);
  return lab;
}

const anyChance = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 5, maxLength: 5 });

/** When the lab has come up; before that nothing was promised. */
const UP = 2000;

/** Accepted, not handled, and in no gap. */
function unaccounted({ accepted, handled, driver, cuts }: InventedLab): Message[] {
  const known = new Set(handled.map(({ message }) => message));
  const gaps = [...driver.gaps.filter(({ phase }) => phase === 'settled'), ...cuts];
  return accepted.filter(
    (message) =>
      message.named &&
      message.at >= UP &&
      !known.has(message) &&
      !gaps.some(({ from, to }) => from <= message.at && message.at <= to!),
  );
}

function twice({ handled }: InventedLab): Message[] {
  const seen = new Set<Message>();
  return handled.flatMap(({ message }) => (seen.has(message) ? [message] : (seen.add(message), [])));
}

/** Of one key, not late, and behind one that was accepted later by the same server. */
function outOfOrder({ handled }: InventedLab): Message[] {
  const latest = new Map<string, number>();
  return handled.flatMap(({ message, late }) => {
    if (late) return [];
    const key = `${message.server} ${message.key}`;
    const before = latest.get(key) ?? -1;
    latest.set(key, Math.max(before, message.n));
    return message.n < before ? [message] : [];
  });
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date', 'hrtime'] });
});

afterEach(() => {
  jest.useRealTimers();
});

function expectHonest(lab: InventedLab): void {
  expect(twice(lab)).toEqual([]);
  expect(unaccounted(lab)).toEqual([]);
  expect(outOfOrder(lab)).toEqual([]);
  expect(isTrusted(lab.driver.state)).toBe(true);
  expect(lab.driver.gaps.length % 3).toBe(0);
}

/** Each plays almost a minute. `RUNS=4000` for a long look. */
const RUNS = Number(process.env['RUNS'] ?? 30);

describe('a history of faults', () => {
  it('is survived, overlapping ones too: each message is handled once, in order, or lies in a gap', () => {
    fc.assert(
      fc.property(anyFaults(...OVERLAPPING), anyChance, (faults, randoms) => {
        expectHonest(history(faults, randoms));
      }),
      { numRuns: RUNS },
    );
  });

  it('is survived where the server forgets subscriptions', () => {
    fc.assert(
      fc.property(
        anyFaults('deafen', 'deafen', 'close', 'rotate', 'failover'),
        anyChance,
        (faults, randoms) => {
          expectHonest(history(faults, randoms));
        },
      ),
      { numRuns: RUNS / 2 },
    );
  });

  it('of rotations alone loses nothing, however closely they follow each other', () => {
    fc.assert(
      fc.property(anyFaults('rotate'), anyChance, (faults, randoms) => {
        const lab = history(faults, randoms);
        expectHonest(lab);
        expect([...lab.driver.gaps, ...lab.cuts]).toEqual([]);
        expect(lab.handled.filter(({ late }) => late)).toEqual([]);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('of stalls alone replaces no link and opens no gap', () => {
    fc.assert(
      fc.property(anyFaults('stall'), anyChance, (faults, randoms) => {
        const lab = history(faults, randoms);
        expectHonest(lab);
        expect(lab.driver.of('promote').length).toBe(1);
        expect(lab.driver.gaps).toEqual([]);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('of silences that heal in time loses nothing', () => {
    fc.assert(
      fc.property(anyFaults('silence', 'silenceDown', 'freeze'), anyChance, (faults, randoms) => {
        const brief = faults.map((fault) => ({
          ...fault,
          lasts: fault.lasts % 2000,
          after: fault.after + 5000,
        }));
        const lab = history(brief, randoms);
        expectHonest(lab);
        const known = new Set(lab.handled.map(({ message }) => message));
        expect(lab.accepted.filter((message) => message.at >= UP && !known.has(message))).toEqual([]);
      }),
      { numRuns: RUNS / 2 },
    );
  });
});
