import type { SubscriptionGap } from '@redis-resilient/nestjs';

import type { Stage } from './stage.js';

/** An answer of the probe, and how long it stayed so: `undefined` for the first, and for the last, which holds. */
export interface ProbeAnswer {
  readonly status: number | undefined;
  readonly state: string;
  readonly duration: number | undefined;
}

/** What a scene has shown. Durations in milliseconds. */
export interface Findings {
  /** The longest time without a message. */
  readonly deaf: number;
  /** From the moment in which the Sentinels named another master to the first message; `undefined` without a failover. */
  readonly heardAfterNaming: number | undefined;
  /** How many messages Redis accepted in the time of the scene. */
  readonly published: number;
  /** How many of them never came. */
  readonly missing: number;
  /** How many came late, over the old link. */
  readonly late: number;
  /** The gaps that the application reported when it was live again. */
  readonly gaps: readonly SubscriptionGap[];
  /** How many messages were published within those gaps. */
  readonly atRisk: number;
  /** The answers of the probe, in their order. */
  readonly health: readonly ProbeAnswer[];
}

/** How far two processes may disagree about a moment. */
const CLOCK_SLACK = 100;

/**
 * Looks back on what happened between two moments.
 *
 * @throws Error when a message came twice, or is missing and lies in no reported gap.
 */
export function lookBack(stage: Stage, from: number, to: number, namedAt?: number): Findings {
  const { tally } = stage;
  const gaps = stage.gaps.filter((gap) => gap.phase === 'closed' && endOf(gap) >= from);
  const missing = tally.missingWithin(from, to);
  const unreported = missing.filter(
    (at) => !gaps.some((gap) => at >= gap.from - CLOCK_SLACK && at <= endOf(gap) + CLOCK_SLACK),
  );
  if (unreported.length > 0)
    throw new Error(`${unreported.length} messages are missing and lie in no gap that was reported.`);
  if (tally.twice > 0) throw new Error(`${tally.twice} messages were handled twice.`);
  return {
    deaf: tally.longestSilence(from),
    heardAfterNaming: namedAt === undefined ? undefined : tally.firstHeardSince(namedAt) - namedAt,
    published: tally.acceptedWithin(from, to),
    missing: missing.length,
    late: tally.lateWithin(from, to),
    gaps,
    atRisk: gaps.reduce((sum, gap) => sum + tally.acceptedWithin(gap.from, endOf(gap)), 0),
    health: probeAnswers(stage, from),
  };
}

/** How long the probe did not say 200, in milliseconds. */
export function unreadyTime({ health }: Findings): number {
  return health.filter(({ status }) => status !== 200).reduce((sum, { duration = 0 }) => sum + duration, 0);
}

function probeAnswers({ health }: Stage, from: number): ProbeAnswer[] {
  const spells = health.since(from);
  return spells.map(({ status, state, from: start }, index) => {
    const next = spells[index + 1];
    return { status, state, duration: index === 0 || !next ? undefined : next.from - start };
  });
}

function endOf({ to }: SubscriptionGap): number {
  return to ?? Infinity;
}
