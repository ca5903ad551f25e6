import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextWake } from '../../src/subscription/schedule.js';
import { MachineDriver } from '../support/machine-driver.js';
import { anyConfig, anyScript, driverFor, play } from '../support/machine-scripts.js';

/** The rules themselves are in test/support/machine-rules.ts and are checked at each step. */
describe('whatever happens', () => {
  it('it keeps one link, one attempt and one old link at most, leaks none, and never gives up', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, (config, script) => {
        play(driverFor(config, script), script);
      }),
      { numRuns: 1500 },
    );
  });

  it('it ends everything when it is closed, and closed is final', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, anyScript, (config, before, after) => {
        const driver = play(driverFor(config, before), before);
        driver.tell({ type: 'close' });
        const { state } = driver;
        expect(state).toMatchObject({ phase: 'closed', current: null, attempt: null, kept: null });
        expect(nextWake(state)).toBeNull();
        play(driver, after);
        expect(driver.state).toBe(state);
      }),
      { numRuns: 300 },
    );
  });

  it('it opens nothing while it drains', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, anyScript, (config, before, after) => {
        const driver = play(driverFor(config, before), before);
        driver.tell({ type: 'drain' });
        const opened = driver.of('open').length;
        play(driver, after);
        expect(driver.state.attempt).toBeNull();
        expect(driver.of('open').length).toBe(opened);
      }),
      { numRuns: 300 },
    );
  });
});

describe('before it is started', () => {
  it('wants nothing, whatever the topology says', () => {
    const driver = new MachineDriver();
    driver.tell({ type: 'target', server: 'a' });
    driver.tell({ type: 'untargeted' });
    driver.tell({ type: 'agreed', at: driver.now });
    expect(driver.effects).toEqual([]);
    expect(nextWake(driver.state)).toBeNull();
  });
});
