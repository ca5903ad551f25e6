import type { Lab } from './lab.js';

/** What the user may set. Durations in milliseconds. */
export interface FaultSettings {
  /** How long the host is cut off. */
  cutOff: number;
}

/** Something that happens to every subscriber in the same moment. */
export interface Fault {
  readonly key: string;
  /** As the tables call it. */
  readonly title: string;
  /** What is done, in one sentence. */
  readonly about: string;
  /** How long it is watched, in milliseconds: who has not heard anything again by then counts as `never`. */
  watch(settings: FaultSettings): number;
  /** What comes before the fault itself. */
  prepare?(lab: Lab): void;
  /** Strikes; resolves once nothing of it is left to be done except by `lab.later()`. */
  strike(lab: Lab, settings: FaultSettings): Promise<unknown>;
}

const PERMISSION_TAKEN_FOR = 10_000;
const SILENT_FOR = 1_000;

const killed: Fault = {
  key: 'connections-killed',
  title: 'pub/sub connections killed',
  about: '`CLIENT KILL TYPE pubsub` on the master.',
  watch: () => 12_000,
  strike: async (lab) => (await lab.master()).killPubSub(),
};

const masterKilled: Fault = {
  key: 'master-killed',
  title: 'master killed',
  about: 'SIGKILL; it never comes back.',
  watch: () => 15_000,
  strike: async (lab) => (await lab.master()).kill(),
};

const masterFrozen: Fault = {
  key: 'master-frozen',
  title: 'master frozen for good',
  about: 'SIGSTOP: its sockets stay open, connections are accepted, nothing answers.',
  watch: () => 20_000,
  strike: async (lab) => (await lab.master()).freeze(),
};

const plannedFailover: Fault = {
  key: 'planned-failover',
  title: 'planned failover',
  about: '`SENTINEL FAILOVER`; the old master stays up and becomes a replica after some ten seconds.',
  watch: () => 20_000,
  strike: async (lab) => lab.topology.failover(),
};

const blackHole: Fault = {
  key: 'black-hole',
  title: 'link black-holed',
  about:
    'No byte passes any more, in either direction, on the connections to the master that are open; nobody is ' +
    'told; new connections work.',
  watch: () => 20_000,
  strike: async (lab) => {
    const master = await lab.master();
    for (const { links } of lab.subscribers) links.blackHoleOpen(master);
    emulateTcpKeepAlive(lab);
  },
};

const cutOff: Fault = {
  key: 'cut-off',
  title: 'host cut off, healed',
  about:
    'No byte passes between the subscriber and any server or Sentinel, on old and new connections; when it ' +
    'heals, what was held back is delivered in order, as TCP does.',
  watch: (settings) => settings.cutOff + 12_000,
  strike: async (lab, settings) => {
    const heals = lab.subscribers.map(({ links }) => links.cutOff());
    lab.later(settings.cutOff, () => heals.forEach((heal) => heal()));
    emulateTcpKeepAlive(lab);
  },
};

const isolated: Fault = {
  key: 'isolated',
  title: 'old master isolated with us',
  about:
    'The master is cut off from the replicas and the Sentinels, for good; subscribers reach everybody. It goes ' +
    'on answering them, as a master.',
  watch: () => 20_000,
  strike: async (lab) => lab.topology.isolate(await lab.master()),
};

const permission: Fault = {
  key: 'permission',
  title: 'channel permission taken for 10 s',
  about: '`ACL SETUSER app resetchannels` on every server, given back after 10 s.',
  watch: () => PERMISSION_TAKEN_FOR + 12_000,
  strike: async (lab) => {
    const giveBack = await lab.takePermission();
    lab.later(PERMISSION_TAKEN_FOR, () => void giveBack());
  },
};

const sentinelHung: Fault = {
  key: 'sentinel-hung',
  title: 'one Sentinel hung, master killed',
  about: 'The first of the three Sentinels is frozen (SIGSTOP), and the master killed.',
  watch: () => 20_000,
  prepare: (lab) => lab.topology.sentinels[0]?.freeze(),
  strike: async (lab) => (await lab.master()).kill(),
};

export const FAULTS: readonly Fault[] = [
  killed,
  masterKilled,
  masterFrozen,
  plannedFailover,
  blackHole,
  cutOff,
  isolated,
  permission,
  sentinelHung,
];

/** How the tables call a fault. */
export function titleOf(key: string): string {
  return FAULTS.find((fault) => fault.key === key)?.title ?? key;
}

/** See `Competitor.tcpKeepAlive`; only where the subscriber has not found another connection by then. */
function emulateTcpKeepAlive(lab: Lab): void {
  for (const subscriber of lab.subscribers) {
    const { tcpKeepAlive } = subscriber.competitor;
    if (tcpKeepAlive === undefined) continue;
    lab.later(tcpKeepAlive, () => {
      if (subscriber.hasHeardSince(performance.now() - SILENT_FOR)) return;
      lab.topology.nodes.forEach((node) => subscriber.links.reset(node));
    });
  }
}
