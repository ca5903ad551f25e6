import type { Snapshot } from '../redis/snapshot.js';

/** What a probe says about one instance. Ages in milliseconds. No addresses, no secrets, bounded in size. */
export interface ProbeReport extends Record<string, unknown> {
  readonly state: Snapshot['state'];
  /** Since when it is live, or not live. */
  readonly since: number;
  readonly cause: Snapshot['cause'];
  readonly lastHeardAgo: number | null;
  readonly lastVerifiedAgo: number | null;
  readonly lastCanaryAgo: number | null;
  readonly subscriptions: { wanted: number; acknowledged: number; refused: number };
  readonly gaps: { total: number; open: number };
  readonly degraded: readonly string[];
}

const LONGEST_TEXT = 200;
const MOST_ENTRIES = 5;

/**
 * Whether every subscription is acknowledged on a live link, or was until less than `readinessGrace` ago.
 * An instance that was never live, or is shutting down, has no grace.
 */
export function isReady(snapshot: Snapshot, readinessGrace: number): boolean {
  if (snapshot.live) return true;
  const wasLive = snapshot.lastVerifiedAgo !== null;
  const isEnding = snapshot.state === 'draining' || snapshot.state === 'closed';
  return wasLive && !isEnding && snapshot.since < readinessGrace;
}

/** The facts of a snapshot that a probe may show to anybody. The last error stays in the log: it names addresses. */
export function report(snapshot: Snapshot): ProbeReport {
  const { wanted, acknowledged, refused } = snapshot.subscriptions;
  return {
    state: snapshot.state,
    since: Math.round(snapshot.since),
    cause: snapshot.cause,
    lastHeardAgo: rounded(snapshot.lastHeardAgo),
    lastVerifiedAgo: rounded(snapshot.lastVerifiedAgo),
    lastCanaryAgo: rounded(snapshot.lastCanaryAgo),
    subscriptions: { wanted, acknowledged, refused: refused.length },
    gaps: { total: snapshot.gaps.total, open: snapshot.gaps.open.length },
    degraded: snapshot.degraded.slice(0, MOST_ENTRIES).map(({ what }) => what.slice(0, LONGEST_TEXT)),
  };
}

function rounded(age: number | null): number | null {
  return age === null ? null : Math.round(age);
}
