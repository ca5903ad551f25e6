import { describe, expect, it } from '@jest/globals';
import { CONFIG, MachineDriver } from '../support/machine-driver.js';

/** A link to `a`, which the last poll had agreed on 100 ms ago. */
function agreed(): { driver: MachineDriver; at: number } {
  const driver = new MachineDriver({ ...CONFIG, canary: null }).start();
  driver.becomeLive();
  const at = driver.now;
  driver.tell({ type: 'agreed', at });
  driver.pass(100);
  return { driver, at };
}

describe('a master that comes back after another one, unseen', () => {
  it('leaves a gap since the last poll that agreed, though the link hears it', () => {
    const { driver, at } = agreed();
    expect(driver.tell({ type: 'returned' })).toEqual([
      { type: 'openGap', cause: 'failover', from: at },
      { type: 'closeGap', to: driver.now, kept: null },
    ]);
    expect(driver.state.gap).toBeNull();
  });

  it('widens the gap that is open', () => {
    const { driver, at } = agreed();
    driver.tell({ type: 'pong', link: 1, sentAt: driver.now });
    driver.tell({ type: 'closed', link: 1 });
    expect(driver.tell({ type: 'returned' })).toContainEqual({ type: 'widenGap', from: at });
    expect(driver.state.gap).toEqual({ cause: 'closed', from: at });
  });

  it('means nothing once nobody listens', () => {
    const { driver } = agreed();
    driver.tell({ type: 'close' });
    expect(driver.tell({ type: 'returned' })).toEqual([]);
  });
});
