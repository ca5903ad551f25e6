import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MachineEvent } from '../../src/subscription/events.js';
import { CONFIG, MachineDriver } from '../support/machine-driver.js';
import { anyConfig, anyScript, driverFor, play } from '../support/machine-scripts.js';

function live(config = CONFIG, chance = 0.5): MachineDriver {
  const driver = new MachineDriver(config, () => chance).start();
  driver.becomeLive();
  return driver;
}

/** Time passes on a link that answers each PING at once. */
function passTalking(driver: MachineDriver, milliseconds: number): void {
  for (const until = driver.now + milliseconds; driver.now < until;) {
    driver.pass(50);
    if (driver.state.current?.pingAt != null) driver.pong();
  }
}

function suspect(driver: MachineDriver): void {
  driver.passTo('ping');
  driver.pass(CONFIG.suspectAfter);
}

/** @returns the successor, which is about to subscribe */
function prepare(driver: MachineDriver): number {
  if (!driver.state.attempt) driver.passTo('open');
  const { id } = driver.state.attempt!;
  driver.tell({ type: 'subscribing', link: id });
  return id;
}

describe('a link that is disposed of', () => {
  it('has no effect any more, whatever it says', () => {
    fc.assert(
      fc.property(anyConfig, anyScript, (config, script) => {
        const driver = play(driverFor(config, script), script);
        driver.pass(0);
        const { state, now } = driver;
        const held = [state.current?.id, state.attempt?.id, state.kept?.id];
        const nonce = state.canary?.nonce ?? 0;
        for (let link = 0; link <= state.links + 1; link += 1) {
          if (held.includes(link)) continue;
          const words: MachineEvent[] = [
            { type: 'subscribing', link },
            { type: 'progress', link },
            { type: 'live', link, control: true },
            { type: 'failed', link, refused: false },
            { type: 'closed', link },
            { type: 'heard', link },
            { type: 'pong', link, sentAt: now },
            { type: 'role', link, master: false, askedAt: now },
            { type: 'control', link, usable: !state.control },
            { type: 'canaryReturned', nonce, link },
            { type: 'canaryPong', nonce, link },
          ];
          expect(words.flatMap((word) => driver.tell(word))).toEqual([]);
        }
        expect(driver.state).toEqual(state);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the next attempt', () => {
  it('comes within minDelay of the closing of a healthy link', () => {
    const driver = live(CONFIG, 0.999);
    passTalking(driver, 2000);
    driver.tell({ type: 'closed', link: 1 });
    const closedAt = driver.now;
    expect(driver.passTo('open')).toMatchObject({ reason: 'closed', server: 'a' });
    expect(driver.now - closedAt).toBeLessThanOrEqual(CONFIG.minDelay);
  });

  it('waits longer with each link that lived for a moment only', () => {
    const driver = new MachineDriver(CONFIG, () => 0.999).start();
    const delays = [1, 2, 3, 4, 5, 6].map(() => {
      const link = driver.becomeLive();
      driver.tell({ type: 'closed', link });
      return driver.state.retryAt - driver.now;
    });
    expect(delays.map(Math.round)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it('comes after every failure and every deadline, for hours', () => {
    const driver = new MachineDriver().start();
    driver.pass(3_600_000);
    const opened = driver.of('open');
    expect(opened.length).toBeGreaterThan(3_600_000 / (CONFIG.timeout + CONFIG.maxDelay));
    expect(driver.gaps).toMatchObject([{ phase: 'open', cause: 'start' }]);
  });

  it('does not come while Redis acknowledges names one after the other, but when it stops', () => {
    const driver = new MachineDriver().start();
    const link = prepare(driver);
    for (let slice = 1; slice <= 5; slice++) {
      driver.pass(CONFIG.timeout - 1);
      driver.tell({ type: 'progress', link });
    }
    driver.pass(CONFIG.timeout - 1);
    expect(driver.state.attempt?.id).toBe(link);
    driver.pass(1);
    expect(driver.of('abandon')).toEqual([{ type: 'abandon', link, why: 'failed' }]);
  });

  it('waits for refusedDelay where Redis refuses', () => {
    const driver = new MachineDriver().start();
    driver.tell({ type: 'failed', link: 1, refused: true });
    const wait = driver.state.retryAt - driver.now;
    expect(wait).toBeGreaterThanOrEqual(CONFIG.refusedDelay / 2);
    expect(wait).toBeLessThanOrEqual(CONFIG.refusedDelay);
  });

  it('comes at once with a word of the topology, and goes to the server that it names', () => {
    const driver = new MachineDriver().start();
    driver.tell({ type: 'failed', link: 1, refused: true });
    expect(driver.tell({ type: 'target', server: 'b' })).toEqual([
      { type: 'open', link: 2, server: 'b', reason: 'start' },
    ]);
    expect(driver.tell({ type: 'target', server: 'a' })).toEqual([
      { type: 'abandon', link: 2, why: 'moved' },
      { type: 'open', link: 3, server: 'a', reason: 'start' },
    ]);
  });
});

describe('how a successor takes over', () => {
  it('tells since when messages may be missing if it is cut: a marker that is not heard may mean deaf', () => {
    for (const canary of [CONFIG.canary, null]) {
      const driver = live({ ...CONFIG, canary });
      const { canaryAt } = driver.state.current!;
      passTalking(driver, 3000);
      const { verifiedAt } = driver.state.current!;
      driver.tell({ type: 'rotate' });
      prepare(driver);
      expect(verifiedAt).toBeGreaterThan(canaryAt);
      expect(driver.of('prepare').at(-1)?.from).toBe(canary ? canaryAt : verifiedAt);
    }
  });

  it('is decided when it is about to subscribe, and stands', () => {
    const driver = live();
    driver.tell({ type: 'rotate' });
    suspect(driver);
    const { verifiedAt } = driver.state.current!;
    const successor = prepare(driver);
    driver.pong();
    driver.tell({ type: 'live', link: successor, control: true });
    const modes = [...driver.of('prepare'), ...driver.of('promote')].filter(({ link }) => link === successor);
    expect(modes.map(({ mode }) => mode)).toEqual(['suspected', 'suspected']);
    // What was held back until now is as old as that.
    expect(driver.of('openGap')).toEqual([{ type: 'openGap', cause: 'silent', from: verifiedAt }]);
  });

  it('never by going live without having subscribed', () => {
    const driver = new MachineDriver().start();
    expect(driver.tell({ type: 'live', link: 1, control: true })).toEqual([]);
    expect(driver.state.current).toBeNull();
  });

  it('where there is no marker: the old link is closed first, and that is a gap', () => {
    const driver = new MachineDriver().start();
    driver.becomeLive(false);
    driver.tell({ type: 'rotate' });
    expect(driver.tell({ type: 'subscribing', link: 2 })).toEqual([
      { type: 'openGap', cause: 'handover', from: driver.state.startedAt },
      { type: 'destroy', link: 1 },
      { type: 'prepare', link: 2, old: null, mode: 'fresh', from: driver.now },
    ]);
  });

  it('one after the other: a second rotation waits for the end of the first', () => {
    const driver = live();
    driver.tell({ type: 'rotate' });
    driver.becomeLive();
    driver.tell({ type: 'rotate' });
    passTalking(driver, 2000);
    expect(driver.state.attempt).toBeNull();
    expect(driver.tell({ type: 'handedOver', link: 1 })).toContainEqual({
      type: 'open',
      link: 3,
      server: 'a',
      reason: 'rotate',
    });
  });

  it('not from one that has not taken over itself yet: both are ended, and that is a gap', () => {
    const driver = live();
    driver.tell({ type: 'rotate' });
    driver.becomeLive();
    suspect(driver);
    prepare(driver);
    expect(driver.of('destroy').map(({ link }) => link)).toEqual([1, 2]);
    expect(driver.of('prepare').at(-1)).toMatchObject({ old: null, mode: 'fresh' });
    expect(driver.of('openGap')).toMatchObject([{ cause: 'handover' }]);
  });

  it('from a node that became a replica: it is ended before its successor speaks', () => {
    const driver = live();
    driver.tell({ type: 'target', server: 'b' });
    driver.tell({ type: 'role', link: 1, master: false, askedAt: driver.now });
    expect(driver.state.current).not.toBeNull();
    prepare(driver);
    expect(driver.effects.slice(-2)).toMatchObject([
      { type: 'destroy', link: 1 },
      { type: 'prepare', old: null, mode: 'fresh' },
    ]);
  });

  it('from a node that becomes a replica while its successor subscribes: it is ended at once', () => {
    const driver = live();
    driver.tell({ type: 'target', server: 'b' });
    prepare(driver);
    expect(driver.tell({ type: 'role', link: 1, master: false, askedAt: driver.now })).toEqual([
      { type: 'destroy', link: 1 },
    ]);
  });
});

describe('an old link', () => {
  it('is kept for its late messages, for twice the outage if that is more than keepFor', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(300_000), (keepFor, silence) => {
        const driver = live({ ...CONFIG, keepFor });
        suspect(driver);
        driver.pass(silence);
        const { verifiedAt } = driver.state.current!;
        driver.becomeLive();
        const until = driver.now + Math.max(keepFor, 2 * (driver.now - verifiedAt));
        passTalking(driver, until - 50 - driver.now);
        expect(driver.state.kept?.id).toBe(1);
        passTalking(driver, 100);
        expect(driver.state.kept).toBeNull();
        expect(driver.gaps.at(-1)).toMatchObject({ phase: 'settled' });
      }),
      { numRuns: 10 },
    );
  });

  it('is ended before another successor subscribes on its server', () => {
    const driver = live();
    suspect(driver);
    driver.becomeLive();
    suspect(driver);
    prepare(driver);
    expect(driver.effects.slice(-3)).toMatchObject([
      { type: 'destroy', link: 1 },
      { type: 'settle', kept: 1 },
      { type: 'prepare', old: 2, mode: 'suspected' },
    ]);
  });

  it('on another server is kept until the next one takes its place', () => {
    const driver = live();
    driver.tell({ type: 'target', server: 'b' });
    driver.becomeLive();
    suspect(driver);
    prepare(driver);
    expect(driver.state.kept?.id).toBe(1);
    driver.becomeLive();
    expect(driver.state.kept?.id).toBe(2);
    expect(driver.of('settle')).toEqual([{ type: 'settle', kept: 1 }]);
  });

  it('is ended when it closes, when it is handed over, and when its node becomes a replica', () => {
    const ends: MachineEvent[] = [
      { type: 'closed', link: 1 },
      { type: 'handedOver', link: 1 },
      { type: 'role', link: 1, master: false, askedAt: 0 },
    ];
    for (const end of ends) {
      const driver = live();
      suspect(driver);
      driver.becomeLive();
      expect(driver.tell({ type: 'role', link: 1, master: true, askedAt: 0 })).toEqual([]);
      expect(driver.tell(end)).toEqual([
        { type: 'destroy', link: 1 },
        { type: 'settle', kept: 1 },
      ]);
    }
  });
});
