import { statusOf, type State } from '../subscription/state.js';
import type { Link } from './link.js';
import type { Report } from './report.js';
import type { Snapshot } from './snapshot.js';

interface Sources extends Pick<Snapshot, 'instance' | 'name' | 'live' | 'since' | 'sentinels' | 'pending'> {
  readonly wanted: number;
  readonly state: State;
  readonly link: Link | null;
  readonly report: Report;
}

const MOST_REFUSED = 20;

export function takeSnapshot(sources: Sources): Snapshot {
  const { instance, name, live, since, wanted, state, link, report, pending, sentinels } = sources;
  const now = performance.now();
  const open = report.ledger.openGaps(now);
  const heardAt = link?.heardAt ?? report.heardAt;
  const hasCanary = state.config.canary !== null && state.control;
  return {
    instance,
    name,
    state: statusOf(state),
    live,
    since,
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
    lastVerifiedAgo: report.verifiedAt === null ? null : now - report.verifiedAt,
    lastCanaryAgo: hasCanary && report.canaryAt !== null ? now - report.canaryAt : null,
    links: {
      made: state.links,
      suspicions: state.suspicions,
      successorsPutAway: state.putAway,
      kept: state.kept ? 1 : 0,
    },
    gaps: { total: report.ledger.total, open },
    late: { delivered: report.late - report.lateDropped, dropped: report.lateDropped },
    outputBuffer: link?.outputBuffer ?? null,
    pending,
    degraded: [...report.degradations.values()],
    sentinels,
  };
}
