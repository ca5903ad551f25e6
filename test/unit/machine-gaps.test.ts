import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONFIG, MachineDriver } from '../support/machine-driver.js';

/** A link that is verified by PING, canary, ROLE and poll at four different moments, the last of them 100 ms ago. */
function verified(): MachineDriver & { at: Record<'ping' | 'canary' | 'role' | 'poll', number> } {
  const driver = new MachineDriver({
    ...CONFIG,
    interval: 20_000,
    suspectAfter: 5000,
    timeout: 9000,
  }).start();
  driver.becomeLive();
  const { id } = driver.state.current!;
  driver.passTo('publishCanary');
  const canary = driver.now;
  driver.pass(10);
  driver.tell({ type: 'canaryReturned', nonce: 1, link: id });
  const role = driver.now;
  driver.pass(10);
  driver.tell({ type: 'role', link: id, master: true, askedAt: role });
  const poll = driver.now;
  driver.pass(10);
  driver.tell({ type: 'agreed', at: poll });
  const ping = driver.now;
  driver.pass(100);
  driver.tell({ type: 'pong', link: id, sentAt: ping });
  return Object.assign(driver, { at: { ping, canary, role, poll } });
}

const opened = (driver: MachineDriver): unknown => driver.of('openGap').at(-1);

describe('a gap begins with the last proof against its cause', () => {
  it('closed: the last PING that was answered', () => {
    const driver = verified();
    driver.pass(300);
    driver.tell({ type: 'closed', link: 1 });
    expect(opened(driver)).toEqual({ type: 'openGap', cause: 'closed', from: driver.at.ping });
  });

  it('silent: the last PING that was answered', () => {
    const driver = verified();
    driver.pass(40_000);
    expect(driver.of('openGap')).toContainEqual({ type: 'openGap', cause: 'silent', from: driver.at.ping });
  });

  it('deaf: the last canary that came back', () => {
    const driver = verified();
    driver.passTo('publishCanary');
    driver.tell({ type: 'canaryPublished', nonce: 2, server: 'a' });
    driver.tell({ type: 'canaryPong', nonce: 2, link: 1 });
    expect(opened(driver)).toEqual({ type: 'openGap', cause: 'deaf', from: driver.at.canary });
  });

  it('demoted: the last ROLE that said master', () => {
    const driver = verified();
    driver.tell({ type: 'role', link: 1, master: false, askedAt: driver.now });
    expect(opened(driver)).toEqual({ type: 'openGap', cause: 'demoted', from: driver.at.role });
  });

  it('failover: the last poll that agreed, though canaries came back since', () => {
    const driver = verified();
    driver.passTo('publishCanary');
    driver.tell({ type: 'canaryReturned', nonce: 2, link: 1 });
    driver.tell({ type: 'target', server: 'b' });
    expect(opened(driver)).toEqual({ type: 'openGap', cause: 'failover', from: driver.at.poll });
  });

  it('start: the start', () => {
    const driver = new MachineDriver();
    driver.tell({ type: 'start' });
    const startedAt = driver.now;
    driver.pass(100);
    driver.tell({ type: 'untargeted' });
    expect(opened(driver)).toEqual({ type: 'openGap', cause: 'start', from: startedAt });
  });

  it('nothing was answered yet: the SUBSCRIBE was, as far as its sending', () => {
    for (const end of ['closed', 'deaf', 'demoted'] as const) {
      const driver = new MachineDriver().start();
      const openedAt = driver.now;
      driver.pass(30);
      driver.tell({ type: 'subscribing', link: 1 });
      const subscribedAt = driver.now;
      driver.pass(30);
      driver.tell({ type: 'live', link: 1, control: true });
      if (end === 'closed') driver.tell({ type: 'closed', link: 1 });
      if (end === 'demoted') driver.tell({ type: 'role', link: 1, master: false, askedAt: driver.now });
      if (end === 'deaf') {
        driver.passTo('publishCanary');
        driver.tell({ type: 'canaryPublished', nonce: 1, server: 'a' });
        driver.tell({ type: 'canaryPong', nonce: 1, link: 1 });
      }
      // ROLE is asked between the opening and the SUBSCRIBE.
      expect(opened(driver)).toMatchObject({ cause: end, from: end === 'demoted' ? openedAt : subscribedAt });
    }
  });
});

describe('a gap reaches back further', () => {
  it('where a second cause does, and keeps its first', () => {
    const driver = verified();
    driver.tell({ type: 'closed', link: 1 });
    driver.tell({ type: 'target', server: 'b' });
    expect(driver.of('widenGap')).toEqual([{ type: 'widenGap', from: driver.at.poll }]);
    driver.becomeLive();
    expect(driver.gaps.map(({ cause, from }) => ({ cause, from }))).toContainEqual({
      cause: 'closed',
      from: driver.at.poll,
    });
  });

  it('where the link that is left for another master had fallen silent unnoticed', () => {
    const driver = new MachineDriver().start();
    driver.becomeLive();
    driver.passTo('ping');
    driver.pong();
    const { verifiedAt } = driver.state.current!;
    driver.pass(1200);
    driver.tell({ type: 'agreed', at: driver.now });
    driver.tell({ type: 'target', server: 'b' });
    expect(driver.of('openGap')).toMatchObject([{ cause: 'failover', from: driver.now }]);
    driver.becomeLive();
    expect(driver.gaps.at(-1)).toMatchObject({ phase: 'closed', cause: 'failover', from: verifiedAt });
  });

  it('where the old link closes on what was held back for its successor', () => {
    const driver = new MachineDriver().start();
    driver.becomeLive();
    driver.passTo('ping');
    driver.pong();
    const heldSince = driver.state.current!.verifiedAt;
    driver.tell({ type: 'rotate' });
    driver.passTo('ping');
    driver.pass(CONFIG.suspectAfter);
    driver.tell({ type: 'subscribing', link: driver.state.attempt!.id });
    driver.pong();
    driver.tell({ type: 'closed', link: 1 });
    expect(opened(driver)).toEqual({ type: 'openGap', cause: 'closed', from: heldSince });
  });
});

describe('a gap ends', () => {
  it('when the last subscription of another link is acknowledged, and settles when the old link is through', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(1500), fc.nat(20_000), (silence, subscribing, later) => {
        const driver = new MachineDriver().start();
        driver.becomeLive();
        driver.passTo('ping');
        driver.pass(CONFIG.suspectAfter + silence);
        if (!driver.state.attempt) driver.passTo('open');
        driver.tell({ type: 'subscribing', link: driver.state.attempt!.id });
        driver.pass(Math.min(subscribing, driver.state.attempt!.openedAt + CONFIG.timeout - 1 - driver.now));
        driver.becomeLive();
        const to = driver.now;
        expect(driver.gaps.at(-1)).toMatchObject({ phase: 'closed', cause: 'silent', to });
        for (const until = driver.now + later; driver.now < until;) {
          driver.pass(10);
          if (driver.state.current!.pingAt !== null) driver.pong();
        }
        driver.tell({ type: 'handedOver', link: 1 });
        expect(driver.gaps.at(-1)).toMatchObject({ phase: 'settled', to });
        expect(driver.effects.slice(-2)).toEqual([
          { type: 'destroy', link: 1 },
          { type: 'settle', kept: 1 },
        ]);
      }),
    );
  });

  it('when everything that spoke against the link is lifted', () => {
    const driver = verified();
    driver.tell({ type: 'role', link: 1, master: false, askedAt: driver.now });
    driver.tell({ type: 'target', server: 'b' });
    driver.pass(100);
    driver.tell({ type: 'target', server: 'a' });
    expect(driver.of('closeGap')).toEqual([]);
    driver.tell({ type: 'role', link: 1, master: true, askedAt: driver.now });
    expect(driver.of('closeGap')).toEqual([{ type: 'closeGap', to: driver.now, kept: null }]);
  });

  it('never by a closing of the instance: nobody knows what comes', () => {
    const driver = verified();
    driver.tell({ type: 'closed', link: 1 });
    driver.tell({ type: 'close' });
    expect(driver.of('closeGap')).toEqual([]);
  });
});

describe('there is no gap', () => {
  it('where one link follows the other by plan', () => {
    const driver = verified();
    driver.tell({ type: 'rotate' });
    driver.becomeLive();
    driver.tell({ type: 'handedOver', link: 1 });
    expect(driver.gaps).toEqual([]);
  });

  it('where a suspicion passes', () => {
    const driver = new MachineDriver().start();
    driver.becomeLive();
    driver.passTo('ping');
    driver.pass(CONFIG.timeout - 1);
    driver.bytes();
    expect(driver.gaps).toEqual([]);
  });
});
