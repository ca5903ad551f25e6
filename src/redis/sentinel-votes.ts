import { addressKey } from './address.js';
import type { SentinelReport, SentinelView } from './sentinel-view.js';

export interface Votes {
  readonly known: number;
  readonly answering: number;
  readonly majority: number;
  /** Some were not given the time for their first answer. */
  readonly waiting: boolean;
  /** Reports by the address that they name. */
  readonly votes: ReadonlyMap<string, readonly SentinelReport[]>;
}

/** Counts what the Sentinels say. The majority is one of all Sentinels that exist, not of those that answer us. */
export function countVotes(views: Iterable<SentinelView>): Votes {
  const votes = new Map<string, SentinelReport[]>();
  let answering = 0;
  let configured = 0;
  let told = 0;
  let waiting = false;
  for (const { report, discovered, concluded } of views) {
    waiting ||= !concluded;
    if (!discovered) configured += 1;
    if (!report) continue;
    answering += 1;
    told = Math.max(told, report.sentinels);
    const key = addressKey(report.master);
    votes.set(key, [...(votes.get(key) ?? []), report]);
  }
  const known = told > 0 ? told : configured;
  return { known, answering, majority: Math.floor(known / 2) + 1, waiting, votes };
}
