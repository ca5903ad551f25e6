import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MachineConfig } from '../../src/subscription/state.js';
import { CONFIG, isTrusted, MachineDriver } from '../support/machine-driver.js';
import { anyConfig, anyScript, driverFor, playToLive } from '../support/machine-scripts.js';

const INTERVAL = 5000;
const TIMEOUT = 2000;

/** A live link, and a canary that was just sent. */
function withCanary(config: MachineConfig = CONFIG): MachineDriver {
  const driver = new MachineDriver(config).start();
  driver.becomeLive();
  passTalking(driver, 1000);
  return driver;
}

/** Time passes on a link that answers each PING at once. */
function passTalking(driver: MachineDriver, milliseconds: number): void {
  for (let until = driver.now + milliseconds; driver.now < until;) {
    driver.passUntil(Math.min(until, driver.now + 50));
    if (driver.state.current?.pingAt != null) driver.pong();
  }
}

const sent = ({ state }: MachineDriver): number => state.canary!.nonce;
const current = ({ state }: MachineDriver): number => state.current!.id;
const isDeaf = ({ state }: MachineDriver): boolean => state.current?.verdicts.deaf !== undefined;

describe('the canary', () => {
  it('flies soon after a link is live, and then every interval', () => {
    const driver = withCanary();
    expect(driver.of('publishCanary')).toEqual([{ type: 'publishCanary', nonce: 1 }]);
    const sentAt = driver.state.canary!.sentAt;
    driver.tell({ type: 'canaryReturned', nonce: 1, link: current(driver) });
    driver.passUntil(sentAt + INTERVAL - 1);
    expect(driver.of('publishCanary').length).toBe(1);
    driver.pass(1);
    expect(driver.of('publishCanary').length).toBe(2);
  });

  it('does not fly where the control channel may not be used, or where it is switched off', () => {
    const refused = new MachineDriver().start();
    refused.becomeLive(false);
    const off = new MachineDriver({ ...CONFIG, canary: null }).start();
    off.becomeLive();
    for (const driver of [refused, off]) {
      passTalking(driver, 20_000);
      expect(driver.of('publishCanary')).toEqual([]);
    }
  });
});

describe('a control channel', () => {
  it('that is permitted again, is used again', () => {
    const driver = new MachineDriver().start();
    driver.becomeLive(false);
    driver.tell({ type: 'control', link: 1, usable: true });
    passTalking(driver, 1000);
    expect(driver.of('publishCanary').length).toBe(1);
  });
});

describe('a PONG before the canary', () => {
  it('means deaf, however long it takes and whatever was heard meanwhile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), fc.boolean(), (later, talking) => {
        const driver = withCanary();
        driver.tell({ type: 'canaryPublished', nonce: sent(driver), server: 'a' });
        expect(driver.effects.at(-1)).toEqual({ type: 'pingAfterCanary', link: 1, nonce: 1 });
        if (talking) passTalking(driver, later);
        else driver.now += later;
        driver.bytes();
        expect(isDeaf(driver)).toBe(false);
        driver.tell({ type: 'canaryPong', nonce: 1, link: 1 });
        expect(isDeaf(driver)).toBe(true);
        expect(driver.of('openGap')).toMatchObject([{ cause: 'deaf' }]);
      }),
    );
  });

  it('means nothing when the canary came first', () => {
    const driver = withCanary();
    driver.tell({ type: 'canaryPublished', nonce: 1, server: 'a' });
    driver.tell({ type: 'canaryReturned', nonce: 1, link: 1 });
    driver.tell({ type: 'canaryPong', nonce: 1, link: 1 });
    expect(isTrusted(driver.state)).toBe(true);
  });

  it('may be overtaken by its own acknowledgement', () => {
    const driver = withCanary();
    driver.tell({ type: 'canaryReturned', nonce: 1, link: 1 });
    driver.tell({ type: 'canaryPublished', nonce: 1, server: 'a' });
    expect(driver.of('pingAfterCanary')).toEqual([]);
  });
});

describe('a canary published on another server than that of the link', () => {
  it('means deaf when it has not come back in time, whatever else is heard', () => {
    const driver = withCanary();
    const { sentAt } = driver.state.canary!;
    driver.tell({ type: 'canaryPublished', nonce: 1, server: 'b' });
    expect(driver.of('pingAfterCanary')).toEqual([]);
    passTalking(driver, sentAt + TIMEOUT - 1 - driver.now);
    expect(isDeaf(driver)).toBe(false);
    driver.bytes();
    passTalking(driver, 1);
    expect(isDeaf(driver)).toBe(true);
  });

  it('is given a turn after a stall', () => {
    const driver = withCanary();
    driver.tell({ type: 'canaryPublished', nonce: 1, server: 'b' });
    driver.stall(60_000);
    expect(isDeaf(driver)).toBe(false);
    driver.tell({ type: 'canaryReturned', nonce: 1, link: 1 });
    driver.pass(CONFIG.suspectAfter - 1);
    expect(isTrusted(driver.state)).toBe(true);
  });
});

describe('a canary that could not be published', () => {
  it('never means deaf, whether it fails or nobody says a word', () => {
    const driver = withCanary();
    for (let flights = 0; flights < 20; flights += 1) {
      if (driver.state.canary && flights % 2 === 0)
        driver.tell({ type: 'canaryFailed', nonce: sent(driver) });
      passTalking(driver, INTERVAL);
      expect(isTrusted(driver.state)).toBe(true);
    }
    expect(driver.of('publishCanary').length).toBeGreaterThan(15);
  });
});

describe('deafness', () => {
  it('is noticed within interval + timeout, whatever came before', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, fc.boolean(), (config, script, near) => {
        fc.pre(config.canary !== null);
        const driver = playToLive(driverFor(config, script), script);
        driver.tell({ type: 'target', server: driver.state.current!.server });
        fc.pre(driver.state.control);
        const { id, server } = driver.state.current!;
        const { interval, timeout } = config.canary;
        const flying = driver.state.canary;
        if (flying) driver.tell({ type: 'canaryReturned', nonce: flying.nonce, link: id });
        // From now on the link answers every PING and hears nothing. A canary that flies is acknowledged at once.
        const bound = Math.max(driver.now + interval + timeout, driver.state.graceUntil);
        for (let until = bound; driver.now < until;) {
          driver.passUntil(Math.min(until, driver.now + 10));
          const { current: link, canary } = driver.state;
          if (link?.id !== id) return;
          driver.heardAt = driver.now;
          if (link.pingAt !== null) driver.pong();
          if (canary?.stage === 'sent') {
            driver.tell({
              type: 'canaryPublished',
              nonce: canary.nonce,
              server: near ? server : 'elsewhere',
            });
          }
          if (near) driver.tell({ type: 'canaryPong', nonce: driver.state.canaryNonce, link: id });
        }
        driver.pass(10);
        expect(isDeaf(driver)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is lifted by a canary and by nothing else of the link', () => {
    const driver = withCanary();
    driver.tell({ type: 'canaryPublished', nonce: 1, server: 'a' });
    driver.tell({ type: 'canaryPong', nonce: 1, link: 1 });
    driver.bytes();
    driver.tell({ type: 'pong', link: 1, sentAt: driver.now });
    driver.tell({ type: 'role', link: 1, master: true, askedAt: driver.now });
    driver.tell({ type: 'target', server: 'a' });
    passTalking(driver, INTERVAL);
    expect(isDeaf(driver)).toBe(true);
    driver.tell({ type: 'canaryReturned', nonce: sent(driver), link: 1 });
    expect(isTrusted(driver.state)).toBe(true);
    expect(driver.gaps.map(({ phase }) => phase)).toEqual(['open', 'closed', 'settled']);
  });

  it('is not lifted by the canary of another flight or another link', () => {
    const driver = withCanary();
    driver.tell({ type: 'canaryPublished', nonce: 1, server: 'a' });
    driver.tell({ type: 'canaryPong', nonce: 1, link: 1 });
    passTalking(driver, INTERVAL);
    driver.tell({ type: 'canaryReturned', nonce: 1, link: 1 });
    driver.tell({ type: 'canaryReturned', nonce: 2, link: driver.state.attempt?.id ?? 0 });
    expect(isDeaf(driver)).toBe(true);
  });
});
