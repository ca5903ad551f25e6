import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { resolveOptions } from '../../src/options.js';
import { machineConfig } from '../../src/redis/machine-config.js';
import { RecoveryWatch } from '../../src/redis/recovery-watch.js';
import { initialState, type State } from '../../src/subscription/state.js';

const options = resolveOptions({ redis: { host: '127.0.0.1', port: 6379 } });
const { livenessGrace } = options.health;
/** Between two second opinions: 2 × (refusedDelay + keepAlive.timeout). */
const BETWEEN = 8_000;

/** What the watch looks at, and what it asks for. */
let state: State;
let deafSince: number | null;
let hears: boolean;
let asked: number;
let watch: RecoveryWatch;

/** Time goes by, with a probe every second. */
async function probeFor(milliseconds: number): Promise<boolean[]> {
  const verdicts: boolean[] = [];
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    await jest.advanceTimersByTimeAsync(1_000);
    // The recovery is at work: its next attempt is never overdue.
    if (deafSince !== null) state = { ...state, retryAt: performance.now() + 500 };
    verdicts.push(watch.verdict().up);
  }
  return verdicts;
}

beforeEach(() => {
  jest.useFakeTimers();
  deafSince = null;
  hears = true;
  asked = 0;
  state = { ...initialState(machineConfig(options)), phase: 'running', target: '127.0.0.1:6379' };
  watch = new RecoveryWatch(
    {
      state: () => state,
      deafFor: () => (deafSince === null ? 0 : performance.now() - deafSince),
      secondOpinion: async () => {
        asked += 1;
        return hears;
      },
    },
    livenessGrace,
  );
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the verdict about the recovery', () => {
  it('is good within the grace, and nobody else is asked', async () => {
    deafSince = performance.now();
    expect(await probeFor(livenessGrace)).not.toContain(false);
    expect(asked).toBe(0);
  });

  it('asks nobody where no probe asks, however deaf', async () => {
    deafSince = performance.now();
    await jest.advanceTimersByTimeAsync(10 * livenessGrace);
    expect(asked).toBe(0);
  });

  it('is bad once two independent clients in a row hear what we do not', async () => {
    deafSince = performance.now();
    await probeFor(livenessGrace);
    expect(await probeFor(BETWEEN)).not.toContain(false);
    expect(asked).toBe(1);
    expect(await probeFor(3_000)).toContain(false);
    expect(asked).toBe(2);
    expect(watch.verdict().reason).toMatch(/independent connection/);
  });

  it('is good for ever where nobody else hears either', async () => {
    deafSince = performance.now();
    hears = false;
    expect(await probeFor(20 * livenessGrace)).not.toContain(false);
    expect(asked).toBeGreaterThan(10);
  });

  it('begins to count anew after one that does not hear', async () => {
    deafSince = performance.now();
    await probeFor(livenessGrace + 1_000);
    hears = false;
    await probeFor(BETWEEN);
    hears = true;
    expect(await probeFor(BETWEEN)).not.toContain(false);
    expect(await probeFor(BETWEEN + 2_000)).toContain(false);
  });

  it('is good again as soon as we hear', async () => {
    deafSince = performance.now();
    await probeFor(livenessGrace + 3 * BETWEEN);
    expect(watch.verdict().up).toBe(false);
    deafSince = null;
    expect(watch.verdict().up).toBe(true);
    deafSince = performance.now();
    expect(await probeFor(livenessGrace)).not.toContain(false);
  });

  it('is bad where the next step is overdue for ten seconds, and asks nobody for that', async () => {
    deafSince = performance.now();
    state = { ...state, retryAt: performance.now() };
    await jest.advanceTimersByTimeAsync(9_900);
    expect(watch.verdict().up).toBe(true);
    await jest.advanceTimersByTimeAsync(200);
    expect(watch.verdict()).toEqual({ up: false, reason: 'the recovery makes no progress' });
    expect(asked).toBe(0);
  });

  it.each(['idle', 'draining', 'closed'] as const)('is good while %s', async (phase) => {
    state = { ...state, phase };
    deafSince = -Infinity;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(watch.verdict().up).toBe(true);
  });
});
