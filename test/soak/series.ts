import { poll } from '../../src/testing/index.js';
import type { Subscriber } from '../support/subscriber.js';
import { describeFault, type Fault } from './fault.js';
import type { Site } from './site.js';
import { type Heal, strike } from './strike.js';

/** What Redis itself may take until a master that says so is named by a majority, in milliseconds. */
const REDIS_BOUND = 40_000;
/** What the engine may take after that: the longest deadlines in a row, and room for a busy machine. */
const ENGINE_BOUND = 6_000;

/** How a series ended. */
export interface Course {
  /** Since when everything was whole. */
  healedAt: number;
  /** Milliseconds from then until Redis had a master again, and from then until the engine heard it. */
  redisTook: number;
  engineTook: number;
  /** What could not be done, for example a failover that the Sentinels refused. */
  notes: string[];
  /** What must not be. */
  violations: string[];
}

/** Does the faults at their times, ends them, heals everything and waits until the engine hears the master. */
export async function runSeries(
  site: Site,
  subscriber: Subscriber,
  faults: readonly Fault[],
  length: number,
): Promise<Course> {
  const notes: string[] = [];
  const under = new Set<Promise<unknown>>();
  const lasting = new Map<Heal, string>();
  const attempt = (what: string, act: () => Promise<unknown>): void => {
    const note = (error: unknown): number => notes.push(`${what}: ${(error as Error).message}`);
    const running: Promise<unknown> = act().catch(note);
    void running.then(() => under.delete(running));
    under.add(running);
  };
  const end = (heal: Heal): void => {
    const what = lasting.get(heal);
    if (what === undefined || !lasting.delete(heal)) return;
    attempt(`end of ${what}`, async () => heal?.());
  };
  const startedAt = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  for (const fault of faults) {
    const act = async (): Promise<void> => {
      const heal = await strike(site, fault);
      if (!heal) return;
      lasting.set(heal, fault.kind);
      timers.add(setTimeout(end, fault.lasts, heal));
    };
    timers.add(setTimeout(attempt, fault.at, describeFault(fault), act));
  }
  await poll(() => performance.now() - startedAt >= length, { deadline: length * 3, every: 50 });
  for (const timer of timers) clearTimeout(timer);
  for (const heal of lasting.keys()) end(heal);
  await poll(() => under.size === 0, { deadline: 30_000, what: 'the end of every fault' });
  await site.heal();
  return { ...(await recover(site, subscriber)), notes };
}

/** Waits until a majority names a master that says so, and then until the engine hears what is published there. */
async function recover(site: Site, subscriber: Subscriber): Promise<Omit<Course, 'notes'>> {
  const healedAt = performance.now();
  let master: string | undefined;
  let possibleAt: number | undefined;
  const overdue = (since: number, bound: number): boolean => performance.now() - since > bound;
  const look = async (): Promise<boolean> => {
    if (master !== site.traffic.master) {
      master = site.traffic.master;
      possibleAt = undefined;
    }
    const node = master === undefined ? undefined : site.nodeOf(master);
    if (node && (await node.role().catch(() => undefined)) === 'master') possibleAt ??= performance.now();
    else possibleAt = undefined;
    if (!node || possibleAt === undefined) return overdue(healedAt, REDIS_BOUND);
    const { live, master: heard } = subscriber.snapshot();
    const isThere = live && heard === `${node.clientAddress.host}:${node.clientAddress.port}`;
    if (isThere && hearsSince(site, subscriber, node.name, possibleAt)) return true;
    return overdue(possibleAt, ENGINE_BOUND);
  };
  await poll(look, { deadline: REDIS_BOUND + 2 * ENGINE_BOUND, every: 20, what: 'recovery' });
  const now = performance.now();
  const engineTook = possibleAt === undefined ? 0 : now - possibleAt;
  const redisTook = (possibleAt ?? now) - healedAt;
  const { state, cause, lastError } = subscriber.snapshot();
  const violations =
    engineTook > ENGINE_BOUND
      ? [
          `not live ${engineTook.toFixed(0)} ms after it was possible (${state}, ${cause ?? '–'}, ${lastError ?? '–'})`,
        ]
      : [];
  return { healedAt, redisTook, engineTook, violations };
}

function hearsSince({ traffic }: Site, { handled }: Subscriber, node: string, since: number): boolean {
  const fresh = new Set(
    traffic.sent
      .filter(({ by, sentAt, accepted }) => accepted && by === node && sentAt >= since)
      .map(({ n }) => n),
  );
  return handled.items.slice(-500).some(({ n }) => fresh.has(n));
}
