import { expect, it } from '@jest/globals';
import { CONFIG, MachineDriver } from '../support/machine-driver.js';

/** A machine that listens to `a`, whose link answers all that it is asked. */
function listening(): MachineDriver {
  const driver = new MachineDriver({ ...CONFIG, canary: null }).start();
  driver.becomeLive();
  driver.tell({ type: 'agreed', at: driver.now });
  return driver;
}

function standsBy(driver: MachineDriver): number {
  driver.tell({ type: 'candidate', server: 'b' });
  return driver.becomeLive();
}

it('subscribes to a candidate beside the link, and is not heard before a majority names it', () => {
  const driver = listening();
  const current = driver.state.current?.id;
  const standby = standsBy(driver);
  expect(driver.state.current?.id).toBe(current);
  expect(driver.of('promote')).toHaveLength(1);
  expect(driver.gaps).toEqual([]);

  driver.tell({ type: 'target', server: 'b' });
  expect(driver.state.current).toMatchObject({ id: standby, server: 'b' });
  expect(driver.state.kept).toMatchObject({ id: current, server: 'a' });
  expect(driver.of('promote').at(-1)).toMatchObject({ link: standby, old: current, mode: 'apart' });
  expect(driver.gaps.map(({ phase, cause }) => [phase, cause])).toEqual([
    ['open', 'failover'],
    ['closed', 'failover'],
  ]);
});

it('puts the link away when no majority names the candidate in time', () => {
  const driver = listening();
  const standby = standsBy(driver);
  const until = driver.now + CONFIG.standby;
  while (driver.now < until) {
    driver.pass(Math.min(100, until - driver.now));
    if (driver.state.current?.pingAt != null) driver.pong();
  }
  expect(driver.of('abandon')).toEqual([{ type: 'abandon', link: standby, why: 'needless' }]);
  expect(driver.state).toMatchObject({ attempt: null, candidate: null, failures: 0 });
  expect(driver.gaps).toEqual([]);
});

it('follows the majority where it names another one', () => {
  const driver = listening();
  const standby = standsBy(driver);
  driver.tell({ type: 'target', server: 'c' });
  expect(driver.of('abandon')).toMatchObject([{ link: standby, why: 'moved' }]);
  expect(driver.state.attempt).toMatchObject({ server: 'c', reason: 'verdict' });
});

it('gives a link that is needed the precedence', () => {
  const driver = listening();
  const standby = standsBy(driver);
  driver.tell({ type: 'closed', link: driver.state.current?.id ?? 0 });
  expect(driver.of('abandon')).toMatchObject([{ link: standby, why: 'needless' }]);
  driver.pass(CONFIG.minDelay);
  expect(driver.state.attempt).toMatchObject({ server: 'a', reason: 'closed' });
});

it('tries again while the candidate is no master yet', () => {
  const driver = listening();
  driver.tell({ type: 'candidate', server: 'b' });
  driver.tell({ type: 'failed', link: driver.state.attempt?.id ?? 0, refused: false });
  expect(driver.state).toMatchObject({ attempt: null, failures: 0 });
  driver.pass(CONFIG.maxDelay / 2);
  expect(driver.state.attempt).toMatchObject({ server: 'b', reason: 'candidate' });
  expect(driver.gaps).toEqual([]);
});

it('goes on with the link that is under way when a majority names the candidate', () => {
  const driver = listening();
  driver.tell({ type: 'candidate', server: 'b' });
  const { id } = driver.state.attempt!;
  driver.tell({ type: 'target', server: 'b' });
  expect(driver.of('abandon')).toEqual([]);
  expect(driver.state.attempt).toMatchObject({ id, reason: 'verdict' });
  driver.becomeLive();
  expect(driver.state.current?.id).toBe(id);
});

it('lets the gap begin where the old link was verified last, not where the other one began to stand by', () => {
  const driver = listening();
  standsBy(driver);
  for (let turns = 0; turns < 50; turns += 1) {
    driver.pass(100);
    if (driver.state.current?.pingAt != null) driver.pong();
  }
  const { verifiedAt } = driver.state.current!;
  driver.tell({ type: 'agreed', at: driver.now });
  driver.tell({ type: 'target', server: 'b' });
  expect(driver.gaps.at(-1)).toMatchObject({ phase: 'closed', from: verifiedAt });
});
