import type { ResolvedOptions } from '../options.js';
import type { Snapshot } from '../redis/snapshot.js';

/** What the first line of a boot is made of. */
export interface BootFacts {
  readonly snapshot: Snapshot;
  readonly redis: ResolvedOptions['redis'];
  /** The bound per cause in milliseconds, `null` where there is none. */
  readonly maxSilence: Readonly<Record<string, number | null>>;
  /** `/api/health`, ...; empty where nothing is served. */
  readonly probes: readonly string[];
}

/** `3 subscriptions on mymaster at 127.0.0.1:6379 (epoch 2). Silence is noticed within 3 s (7 s at worst). Probes: ...` */
export function liveWords({ snapshot, redis, maxSilence, probes }: BootFacts): string {
  const { acknowledged } = snapshot.subscriptions;
  const epoch = snapshot.epoch === null ? '' : ` (epoch ${snapshot.epoch})`;
  const where = `${masterName(redis)}${snapshot.master ?? 'Redis'}${epoch}`;
  return [`${counted(acknowledged)} on ${where}.`, silenceWords(maxSilence), probeWords(probes)]
    .filter((words) => words !== '')
    .join(' ');
}

/** For a boot without Redis, of which the instance has said what there is to say. */
export function waitingWords({ snapshot, probes }: BootFacts): string {
  return [`${counted(snapshot.subscriptions.wanted)} as soon as Redis is there.`, probeWords(probes)]
    .filter((words) => words !== '')
    .join(' ');
}

function masterName(redis: ResolvedOptions['redis']): string {
  return typeof redis === 'object' && redis.sentinels && redis.name ? `${redis.name} at ` : '';
}

function silenceWords(maxSilence: BootFacts['maxSilence']): string {
  const bounds = Object.values(maxSilence).filter((bound) => bound !== null);
  if (bounds.length === 0) return '';
  const worst = Math.max(...bounds);
  const silent = maxSilence['silent'] ?? worst;
  return `Silence is noticed within ${seconds(silent)}${worst > silent ? ` (${seconds(worst)} at worst)` : ''}.`;
}

function probeWords(probes: readonly string[]): string {
  return probes.length === 0 ? '' : `Probes: GET ${probes.join(', ')}.`;
}

function counted(subscriptions: number): string {
  return `${subscriptions} subscription${subscriptions === 1 ? '' : 's'}`;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
