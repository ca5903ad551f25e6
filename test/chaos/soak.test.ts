import { describe, expect } from '@jest/globals';

import { orderFor } from '../soak/arguments.js';
import type { Fault } from '../soak/fault.js';
import { allViolations } from '../soak/result.js';
import { runSoak } from '../soak/run-soak.js';
import { together } from '../support/together.js';

/** One series of faults that the seed determines; `npm run soak -- --seed S` does more of them. */
async function survive(seed: number): Promise<void> {
  const result = await runSoak(orderFor(seed, 1));
  const [series] = result.series;
  expect(allViolations(result)).toEqual([]);
  expect(series?.covered).toBeGreaterThan(100);
  expect(series?.gaps).toBeGreaterThan(0);
  // The same history, falsified, is found out.
  expect(series?.controls.withoutGaps).toBeGreaterThan(0);
  expect(series?.controls.oneSwallowed).toBeGreaterThan(0);
  expect(series?.controls.oneDoubled).toBeGreaterThan(0);
}

const rotations = Array.from({ length: 12 }, (_, index): Fault => ({
  kind: 'rotated',
  at: 300 * (index + 1),
  lasts: 0,
  on: 'master',
}));

describe('Under a random series of faults every message is handled once, or lies in a reported gap', () => {
  together({
    'seed 6': () => survive(6),
    'seed 14': () => survive(14),
    'seed 17': () => survive(17),

    'without the hand-over some are handled twice': async () => {
      const order = { seed: 0, length: 4_500, series: [rotations] };
      const naive = await runSoak({ ...order, withoutHandOver: true });
      const ours = await runSoak(order);
      const found = allViolations(naive).map(({ what }) => what);
      expect(found).toContainEqual(expect.stringContaining('is handled twice'));
      expect(allViolations(ours)).toEqual([]);
    },
  });
});
