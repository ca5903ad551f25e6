import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusedDelay, retryDelay, type BackoffBounds } from '../../src/subscription/backoff.js';

const BOUNDS: BackoffBounds = { minDelay: 50, maxDelay: 500, refusedDelay: 2000 };

const anyBounds = fc
  .tuple(fc.nat(10_000), fc.nat(10_000), fc.nat(60_000))
  .map(([minDelay, more, refused]) => ({ minDelay, maxDelay: minDelay + more, refusedDelay: refused }));
const anyChance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyFailures = fc.oneof(fc.nat(20), fc.nat());

describe('the delay before the next attempt', () => {
  it('stays between nothing and maxDelay for ever, and below minDelay at first', () => {
    fc.assert(
      fc.property(anyBounds, anyFailures, anyChance, (bounds, failures, chance) => {
        const delay = retryDelay(failures, chance, bounds);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(bounds.maxDelay);
        expect(retryDelay(0, chance, bounds)).toBeLessThanOrEqual(bounds.minDelay);
      }),
    );
  });

  it('grows with each failure, never shrinks', () => {
    fc.assert(
      fc.property(anyBounds, anyFailures, anyChance, (bounds, failures, chance) => {
        expect(retryDelay(failures + 1, chance, bounds)).toBeGreaterThanOrEqual(
          retryDelay(failures, chance, bounds),
        );
      }),
    );
    expect([0, 1, 2, 3, 4, 5].map((failures) => retryDelay(failures, 0.5, BOUNDS))).toEqual([
      25, 50, 100, 200, 250, 250,
    ]);
  });

  it('uses the whole range, so that instances which failed together do not return together', () => {
    expect(retryDelay(9, 0, BOUNDS)).toBe(0);
    expect(retryDelay(9, 0.999, BOUNDS)).toBeGreaterThan(499);
  });
});

describe('the delay where Redis refuses', () => {
  it('lies in the upper half of refusedDelay', () => {
    fc.assert(
      fc.property(anyBounds, anyChance, (bounds, chance) => {
        const delay = refusedDelay(chance, bounds);
        expect(delay).toBeGreaterThanOrEqual(bounds.refusedDelay / 2);
        expect(delay).toBeLessThanOrEqual(bounds.refusedDelay);
      }),
    );
  });
});
