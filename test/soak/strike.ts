import type { Fault, FaultKind } from './fault.js';
import type { Site } from './site.js';

/** Ends a fault; what is over at once has nothing to end. */
export type Heal = (() => unknown) | undefined;

type Strike = (site: Site, fault: Fault) => Heal | Promise<Heal>;

/** How each kind of fault is done to the site. */
const STRIKES: Readonly<Record<FaultKind, Strike>> = {
  'pubsub-killed': once(async (site, { on }) => {
    await site.node(on).killPubSub();
  }),
  killed: async (site, { on }) => {
    const node = site.node(on);
    await node.kill();
    return () => node.start();
  },
  frozen: (site, { on }) => {
    const node = site.node(on);
    node.freeze();
    return () => node.thaw();
  },
  failover: once(async (site, fault) => {
    const [sentinel] = sentinels(site, fault);
    await sentinel?.command('SENTINEL', 'FAILOVER', site.topology.masterName);
  }),
  'black-hole': (site, { on, direction, connections }) =>
    site.node(on).inner.blackHole(direction, { connections: connections ?? 'all' }),
  forgotten: once((site, { on }) => site.node(on).inner.forget()),
  reset: once((site, { on }) => site.node(on).inner.reset()),
  fin: once((site, { on }) => site.node(on).inner.fin()),
  refused: (site, { on }) => {
    const { inner } = site.node(on);
    inner.refuse();
    inner.reset();
    return () => inner.accept();
  },
  delayed: (site, { on, amount }) => {
    const { inner } = site.node(on);
    inner.delay(amount ?? 0);
    return () => inner.delay(0);
  },
  isolated: (site, { on }) => site.topology.isolate(site.node(on)),
  'cut-off': ({ topology }, { direction }) => topology.cutOffClients(direction),
  'sentinel-frozen': (site, fault) => {
    const chosen = sentinels(site, fault);
    for (const one of chosen) one.freeze();
    return () => chosen.forEach((one) => one.thaw());
  },
  'sentinel-killed': async (site, fault) => {
    const chosen = sentinels(site, fault);
    await Promise.all(chosen.map((one) => one.kill()));
    return () => Promise.all(chosen.map((one) => one.start()));
  },
  'sentinel-unreachable': (site, fault) => {
    const heals = sentinels(site, fault).map((one) => one.inner.blackHole());
    return () => heals.forEach((heal) => heal());
  },
  'permission-taken': async (site, { amount }) => {
    await site.takePermission(amount === 1);
    return () => site.givePermission();
  },
  'loop-blocked': once((_site, { amount }) => {
    // Sleeps without a turn of the event loop, and leaves the processor to the others.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, amount);
  }),
  // It takes as long as it takes; where there is no link it is refused.
  rotated: once(({ engine }) => {
    engine.monitor.rotate().catch(() => undefined);
  }),
  burst: once(({ traffic }, { amount }) => traffic.burst(amount ?? 0)),
};

/**
 * Does a fault to the site.
 *
 * @returns what ends it
 */
export async function strike(site: Site, fault: Fault): Promise<Heal> {
  return STRIKES[fault.kind](site, fault);
}

function once(act: (site: Site, fault: Fault) => unknown): Strike {
  return async (site, fault) => {
    await act(site, fault);
    return undefined;
  };
}

/** As many as the fault says, beginning with the one that it names. */
function sentinels({ topology }: Site, { on, amount = 1 }: Fault) {
  const all = topology.sentinels;
  const first = on === 'master' ? 0 : on;
  return [...all.slice(first), ...all.slice(0, first)].slice(0, amount);
}
