import { poll, type RedisNode } from '@redis-resilient/nestjs/testing';

import type { Stage } from './stage.js';

/** One thing that the application lives through. */
export interface Scene {
  readonly title: string;
  /** What happens, in one sentence, and what is promised in the next. */
  readonly about: readonly [happens: string, promised: string];
  /** Lets it happen, and resolves when it has happened. */
  happen(stage: Stage): Promise<Aftermath>;
}

/** What there is to do, and to tell, after it has happened. */
export interface Aftermath {
  /** When a majority of the Sentinels named another master, on the clock of `performance.now()`. */
  readonly namedAt?: number;
  /** Puts right what was broken, once the application hears again; gives one line about it. */
  readonly mend?: () => Promise<string>;
}

/** Milliseconds that the old link may take to bring what it holds. */
const LATE_DEADLINE = 20_000;
const FAILOVER_PROMISE =
  'Promised: heard again within 0.5 s of the moment in which a majority of the Sentinels names another.';

const messagesArrive: Scene = {
  title: 'Messages arrive',
  about: [
    'What anybody publishes, with plain PUBLISH, reaches @MessagePattern("orders.*").',
    'Promised: each message at most once.',
  ],
  happen: async () => ({}),
};

const connectionsKilled: Scene = {
  title: 'The pub/sub connections are killed',
  about: [
    'CLIENT KILL TYPE pubsub: what Redis does to a slow consumer, or an operator to all of them.',
    'Promised: back at once where Redis accepts.',
  ],
  async happen(stage) {
    const master = await masterOf(stage);
    await master.killPubSub();
    return {};
  },
};

const linkBlackHoled: Scene = {
  title: 'The link is black-holed',
  about: [
    'A firewall forgets the connection. It stays open: no error, no close, and no message.',
    'Promised: suspected within 1.5 s, and a successor opened beside it; given up within 3 s.',
  ],
  async happen(stage) {
    const master = await masterOf(stage);
    const from = performance.now();
    const heal = master.inner.blackHole('both', { connections: 'open' });
    return {
      mend: async () => {
        heal();
        const late = await allLateMessages(stage, from);
        return `Then the network healed: the old link brought ${late} messages that it had held, and was put away.`;
      },
    };
  },
};

const masterFrozen: Scene = {
  title: 'The master freezes',
  about: [
    'SIGSTOP, as on a host that swaps or stalls: its sockets stay open and accept, and nothing answers.',
    FAILOVER_PROMISE,
  ],
  async happen(stage) {
    const master = await masterOf(stage);
    const naming = stage.topology.waitForNewMaster(master);
    master.freeze();
    const { at } = await naming;
    return {
      namedAt: at,
      mend: async () => {
        master.thaw();
        return `Then ${master.name} thawed; the Sentinels make a replica of it.`;
      },
    };
  },
};

const masterKilled: Scene = {
  title: 'The master is killed',
  about: ['SIGKILL: nobody can publish either until the Sentinels have another master.', FAILOVER_PROMISE],
  async happen(stage) {
    const master = await masterOf(stage);
    const naming = stage.topology.waitForNewMaster(master);
    await master.kill();
    const { at } = await naming;
    return {
      namedAt: at,
      mend: async () => {
        await master.start();
        return `Then ${master.name} was started again; the Sentinels make a replica of it.`;
      },
    };
  },
};

/** In the order of the tour. */
export const SCENES: readonly Scene[] = [
  messagesArrive,
  connectionsKilled,
  linkBlackHoled,
  masterKilled,
  masterFrozen,
];

/** Resolves, with their number, when the old link has ended and what it brought has reached the handler. */
async function allLateMessages({ gaps, tally }: Stage, from: number): Promise<number> {
  const settled = (): number | undefined =>
    gaps.find((gap) => gap.phase === 'settled' && (gap.to ?? 0) > from)?.late;
  await poll(() => tally.lateWithin(from, Infinity) >= (settled() ?? Infinity), {
    deadline: LATE_DEADLINE,
    what: 'That the old link brings what it holds, and ends,',
  });
  return settled() ?? 0;
}

async function masterOf({ topology }: Stage): Promise<RedisNode> {
  const master = await topology.masterOf();
  if (!master) throw new Error('No majority of the Sentinels names a master.');
  return master;
}
