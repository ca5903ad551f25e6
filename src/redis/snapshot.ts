import type { Gap, GapCause } from '../subscription/gap.js';
import { statusOf, type LinkStatus, type State } from '../subscription/state.js';
import type { Link } from './link.js';
import type { Report } from './report.js';
import type { SentinelCount } from './topology.js';

/** Something that does not work as it could, and the promise that this costs. */
export interface Degradation {
  readonly what: string;
  readonly costs: string;
}

/** The state of one instance at one moment. Durations are milliseconds. */
export interface Snapshot {
  /** Unique in the deployment; part of the control channel's name. */
  readonly instance: string;
  /** The `name` given to `forRoot`, `null` for the unnamed instance. */
  readonly name: string | null;
  readonly state: LinkStatus;
  /** Every wanted subscription is acknowledged on a link that is not given up. */
  readonly live: boolean;
  /** How long `live` has been what it is. */
  readonly since: number;
  /** Why it is not live. */
  readonly cause: GapCause | null;
  /** The last failure of an attempt while not live. */
  readonly lastError: string | null;
  /** `host:port` or path of the server listened to, `null` while there is none. */
  readonly master: string | null;
  /** The Sentinels' configuration epoch. */
  readonly epoch: number | null;
  readonly subscriptions: {
    readonly wanted: number;
    readonly acknowledged: number;
    /** Names that Redis refuses, at most 20 of them. */
    readonly refused: readonly string[];
  };
  /** How long ago bytes came on the link. */
  readonly lastHeardAgo: number | null;
  /** How long ago the last PING that was answered had been sent. */
  readonly lastVerifiedAgo: number | null;
  readonly links: {
    readonly made: number;
    /** How often a link was suspected. */
    readonly suspicions: number;
    /** Successors opened on suspicion and not needed. */
    readonly successorsPutAway: number;
    readonly kept: number;
  };
  readonly gaps: { readonly total: number; readonly open: readonly Gap[] };
  readonly late: { readonly delivered: number; readonly dropped: number };
  readonly degraded: readonly Degradation[];
  readonly sentinels: SentinelCount | null;
}

interface Sources extends Pick<Snapshot, 'instance' | 'name' | 'live' | 'sentinels'> {
  /** When `live` changed last. */
  readonly liveSince: number;
  readonly wanted: number;
  readonly state: State;
  readonly link: Link | null;
  readonly report: Report;
}

const MOST_REFUSED = 20;

export function takeSnapshot(sources: Sources): Snapshot {
  const { instance, name, live, liveSince, wanted, state, link, report, sentinels } = sources;
  const now = performance.now();
  const open = report.ledger.openGaps(now);
  const heardAt = link?.heardAt ?? null;
  return {
    instance,
    name,
    state: statusOf(state),
    live,
    since: now - liveSince,
    cause: live ? null : (state.gap?.cause ?? open[0]?.cause ?? null),
    lastError: live ? null : report.lastError,
    master: state.current?.server ?? null,
    epoch: report.epoch,
    subscriptions: {
      wanted,
      acknowledged: link?.sync.acknowledged.size ?? 0,
      refused: report.refused.slice(0, MOST_REFUSED),
    },
    lastHeardAgo: heardAt === null ? null : now - heardAt,
    lastVerifiedAgo: state.current ? now - state.current.verifiedAt : null,
    links: {
      made: state.links,
      suspicions: state.suspicions,
      successorsPutAway: state.putAway,
      kept: state.kept ? 1 : 0,
    },
    gaps: { total: report.ledger.total, open },
    late: { delivered: report.late - report.lateDropped, dropped: report.lateDropped },
    degraded: [...report.degradations.values()],
    sentinels,
  };
}
