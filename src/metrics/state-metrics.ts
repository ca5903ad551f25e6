import { Gauge, type Registry } from 'prom-client';
import { liveInstances } from '../channels.js';
import type { Snapshot } from '../redis/snapshot.js';
import { nameOf } from './labels.js';

/** One figure that is a state: read when it is asked for. */
interface StateFigure {
  readonly name: string;
  readonly help: string;
  /** The label beside the instance's name. */
  readonly label?: string;
  /** The values, by that label (`''` where there is none). `null`: there is nothing to say. */
  readonly read: (snapshot: Snapshot) => Readonly<Record<string, number | null>>;
  /** Which value stands for instances that share a name, as a module and a client of its own may. */
  readonly together: (one: number, other: number) => number;
}

const worst = { up: Math.min, age: Math.max, count: (one: number, other: number): number => one + other };

const FIGURES: readonly StateFigure[] = [
  {
    name: 'subscription_up',
    help: 'Whether every wanted subscription is acknowledged on a link that is not given up (1) or not (0).',
    read: ({ live }) => ({ '': live ? 1 : 0 }),
    together: worst.up,
  },
  {
    name: 'subscription_state_seconds',
    help: 'For how long subscription_up has been what it is.',
    read: ({ since }) => ({ '': since / 1000 }),
    together: worst.up,
  },
  {
    name: 'last_heard_seconds',
    help: 'How long ago bytes came on the link. Proves nothing about the subscriptions.',
    read: ({ lastHeardAgo }) => ({ '': seconds(lastHeardAgo) }),
    together: worst.age,
  },
  {
    name: 'last_verified_seconds',
    help: 'How long ago the last PING that was answered had been sent.',
    read: ({ lastVerifiedAgo }) => ({ '': seconds(lastVerifiedAgo) }),
    together: worst.age,
  },
  {
    name: 'last_canary_seconds',
    help: 'How long ago the last canary that came back had been sent. Grows while a link is alive and deaf.',
    read: ({ lastCanaryAgo }) => ({ '': seconds(lastCanaryAgo) }),
    together: worst.age,
  },
  {
    name: 'open_gap_seconds',
    help: 'Length so far of the longest gap that is open, 0 where none is.',
    read: ({ gaps }) => ({ '': Math.max(0, ...gaps.open.map(({ duration }) => duration / 1000)) }),
    together: worst.age,
  },
  {
    name: 'subscriptions',
    help: 'Subscriptions by what became of them: wanted by handlers, acknowledged by Redis, refused by Redis.',
    label: 'state',
    read: ({ subscriptions: { wanted, acknowledged, refused } }) => ({
      wanted,
      acknowledged,
      refused: refused.length,
    }),
    together: worst.count,
  },
  {
    name: 'pending_messages',
    help: 'Messages taken and not finished: waiting, in a handler, or with a reply on its way.',
    read: ({ pending }) => ({ '': pending }),
    together: worst.count,
  },
  {
    name: 'output_buffer_bytes',
    help: 'What Redis held for the link unread when last asked; it closes the connection when that is too much.',
    read: ({ outputBuffer }) => ({ '': outputBuffer }),
    together: worst.age,
  },
  {
    name: 'kept_links',
    help: 'Old links that are kept for their late messages.',
    read: ({ links }) => ({ '': links.kept }),
    together: worst.count,
  },
  {
    name: 'sentinels',
    help: 'Sentinels by view: known to each other, answering us, agreeing on the master we follow.',
    label: 'view',
    read: ({ sentinels }) => ({
      known: sentinels?.known ?? null,
      answering: sentinels?.answering ?? null,
      agreeing: sentinels?.agreeing ?? null,
    }),
    together: worst.up,
  },
  {
    name: 'degraded',
    help: 'Whether something works less well than it could (1): control (no canary, no marker), canary (none can be published), sentinels (no majority answers), permission (another command is refused).',
    label: 'what',
    read: ({ degraded }) => {
      const is = (what: string): number => (degraded.some(({ kind }) => kind === what) ? 1 : 0);
      return {
        control: is('control'),
        canary: is('canary'),
        sentinels: is('sentinels'),
        permission: is('permission'),
      };
    },
    together: worst.age,
  },
];

/** Registers the figures that are states. */
export function registerStateMetrics(prefix: string, register: Registry): void {
  for (const { name, help, label, read, together } of FIGURES) {
    const labelNames = label === undefined ? ['name'] : ['name', label];
    new Gauge({
      name: prefix + name,
      help,
      labelNames,
      registers: [register],
      collect() {
        this.reset();
        for (const [instance, values] of readAll(read, together)) {
          for (const [value, figure] of values) {
            this.set(label === undefined ? { name: instance } : { name: instance, [label]: value }, figure);
          }
        }
      },
    });
  }
}

/** The values of all live instances, by name and label. An instance that never started listens to nothing. */
function readAll(
  read: StateFigure['read'],
  together: StateFigure['together'],
): Map<string, Map<string, number>> {
  const all = new Map<string, Map<string, number>>();
  for (const instance of liveInstances().values()) {
    const snapshot = instance.snapshot() as Snapshot;
    if (snapshot.state === 'idle') continue;
    const values = all.get(nameOf(instance)) ?? new Map<string, number>();
    all.set(nameOf(instance), values);
    for (const [label, value] of Object.entries(read(snapshot))) {
      if (value === null) continue;
      const other = values.get(label);
      values.set(label, other === undefined ? value : together(value, other));
    }
  }
  return all;
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
