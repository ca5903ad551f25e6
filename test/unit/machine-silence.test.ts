import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MachineEvent } from '../../src/subscription/events.js';
import { CONFIG, isTrusted, MachineDriver } from '../support/machine-driver.js';
import { anyConfig, anyScript, driverFor, playToLive } from '../support/machine-scripts.js';

const live = (): MachineDriver => {
  const driver = new MachineDriver().start();
  driver.becomeLive();
  return driver;
};

describe('a link that falls silent', () => {
  it('is suspected within interval + suspectAfter and given up within interval + timeout, whatever came before', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, fc.boolean(), (config, script, failing) => {
        const driver = playToLive(driverFor(config, script), script);
        const silent = driver.state.current!.id;
        const since = driver.now;
        const passUntil = (moment: number): void => {
          driver.passUntil(moment);
          // Attempts hang, or fail at once; neither is a byte of the link.
          const { attempt } = driver.state;
          if (failing && attempt) driver.tell({ type: 'failed', link: attempt.id, refused: false });
        };
        passUntil(since + config.interval + config.suspectAfter);
        expect(isTrusted(driver.state)).toBe(false);
        passUntil(since + config.interval + config.timeout);
        expect(driver.state.current).toMatchObject({ id: silent });
        expect(driver.state.current?.verdicts.silent).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it('is asked first, then suspected, then given up', () => {
    const driver = live();
    driver.passTo('ping');
    const askedAt = driver.now;
    driver.passUntil(askedAt + CONFIG.suspectAfter - 1);
    expect(isTrusted(driver.state)).toBe(true);
    driver.pass(1);
    expect(driver.state.current).toMatchObject({ suspect: true, verdicts: {} });
    expect(driver.effects.at(-1)).toMatchObject({ type: 'open', reason: 'suspect' });
    driver.passUntil(askedAt + CONFIG.timeout - 1);
    expect(driver.state.gap).toBeNull();
    driver.pass(1);
    expect(driver.state.current?.verdicts).toEqual({ silent: driver.now });
  });

  it('is not asked a second time before it has answered', () => {
    const driver = live();
    driver.pass(20_000);
    expect(driver.of('ping').length).toBe(1);
  });

  it('is suspected all the same in a process that is always late', () => {
    const driver = live();
    driver.passTo('ping');
    for (let turns = 0; turns < 40; turns += 1) driver.stall(150);
    expect(driver.state.current?.verdicts.silent).toBeDefined();
  });
});

describe('a link that speaks', () => {
  it('is neither suspected nor given up, whatever came before, though it owes its PONG for ever', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, (config, script) => {
        const driver = playToLive(driverFor(config, script), script);
        driver.bytes();
        const before = { ...driver.state.current!.verdicts };
        const spoke = driver.state.current?.id;
        for (let turns = 0; turns < 30; turns += 1) {
          driver.pass(Math.max(1, config.suspectAfter - 1));
          driver.bytes();
          if (driver.state.current?.id !== spoke) return;
          expect(driver.state.current?.suspect).toBe(false);
          if (before.silent === undefined) expect(driver.state.current?.verdicts.silent).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has its successor put away unused', () => {
    const driver = live();
    driver.passTo('ping');
    driver.pass(CONFIG.suspectAfter);
    const successor = driver.state.attempt?.id;
    driver.tell({ type: 'subscribing', link: successor! });
    driver.bytes();
    expect(driver.effects.at(-1)).toEqual({ type: 'abandon', link: successor, why: 'needless' });
    expect(driver.state).toMatchObject({ attempt: null, putAway: 1, gap: null });
  });

  it('may be late with its PONG: that closes the gap', () => {
    const driver = live();
    driver.passTo('ping');
    driver.pass(CONFIG.timeout);
    // The answer to a question from before the verdict proves nothing about the time since: it is asked again.
    driver.pong();
    expect(driver.state.current?.verdicts.silent).toBeDefined();
    expect(driver.effects.at(-1)).toMatchObject({ type: 'ping' });
    driver.pass(1);
    driver.pong();
    expect(isTrusted(driver.state)).toBe(true);
    expect(driver.gaps.map(({ phase }) => phase)).toEqual(['open', 'closed', 'settled']);
    expect(driver.gaps.at(-1)?.to).toBe(driver.now);
  });

  it('brings an attempt on at once with its first byte, instead of waiting out a delay', () => {
    const driver = new MachineDriver({ ...CONFIG, maxDelay: 60_000, refusedDelay: 60_000 }).start();
    driver.becomeLive();
    driver.passTo('ping');
    driver.pass(CONFIG.timeout);
    driver.tell({ type: 'failed', link: driver.state.attempt!.id, refused: true });
    expect(driver.state.retryAt).toBeGreaterThan(driver.now + 10_000);
    driver.bytes();
    expect(driver.state.retryAt).toBeLessThanOrEqual(driver.now + CONFIG.minDelay);
    // The byte itself proves nothing: the verdict and its gap stand.
    expect(driver.state.current?.verdicts.silent).toBeDefined();
    expect(driver.gaps.map(({ phase }) => phase)).toEqual(['open']);
  });
});

describe('an answer', () => {
  it('to a question that was asked after the verdict lifts it, whatever came before', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, (config, script) => {
        const driver = playToLive(driverFor(config, script), script);
        const { current } = driver.state;
        if (current?.verdicts.silent === undefined && !current?.suspect)
          driver.pass(config.interval + config.timeout);
        driver.tell({ type: 'pong', link: driver.state.current!.id, sentAt: driver.now });
        const { suspect, verdicts } = driver.state.current!;
        expect({ suspect, silent: verdicts.silent }).toEqual({ suspect: false, silent: undefined });
      }),
      { numRuns: 300 },
    );
  });
});

describe('a stall of our own event loop', () => {
  const stall = fc.integer({ min: 101, max: 3_600_000 });

  it('never leads to a verdict or a suspicion by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), stall, (before, length) => {
        const driver = live();
        for (let until = driver.now + before; driver.now < until;) {
          driver.passUntil(Math.min(until, driver.now + 20));
          if (driver.state.current?.pingAt != null) driver.pong();
          if (driver.state.canary) returnCanary(driver);
        }
        driver.stall(length);
        expect(isTrusted(driver.state)).toBe(true);
        // The socket is read in the turns that follow.
        driver.pass(Math.min(length, CONFIG.suspectAfter) - 1);
        if (driver.state.current?.pingAt != null) driver.pong();
        if (driver.state.canary) returnCanary(driver);
        driver.pass(CONFIG.suspectAfter - 1);
        expect(driver.of('open').length).toBe(1);
        expect(driver.gaps).toEqual([]);
      }),
    );
  });

  it('is no reason to judge for what happens to come before the late wake', () => {
    const others: MachineEvent[] = [
      { type: 'canaryFailed', nonce: 1 },
      { type: 'agreed', at: 0 },
      { type: 'target', server: 'a' },
      { type: 'role', link: 1, master: true, askedAt: 0 },
      { type: 'untargeted' },
      { type: 'rotate' },
    ];
    for (const event of others) {
      const driver = live();
      driver.passTo('ping');
      driver.stall(10_000, () => driver.tell(event));
      expect(driver.state.current).toMatchObject({ suspect: false, verdicts: {} });
    }
  });

  it('prolongs an attempt that could not be heard, and only a little', () => {
    const driver = new MachineDriver().start();
    driver.stall(10_000);
    expect(driver.state.attempt).not.toBeNull();
    driver.pass(CONFIG.suspectAfter);
    expect(driver.of('abandon')).toMatchObject([{ why: 'failed' }]);
  });
});

function returnCanary(driver: MachineDriver): void {
  const { canary, current } = driver.state;
  if (!canary || !current) return;
  driver.tell({ type: 'canaryReturned', nonce: canary.nonce, link: current.id });
}
