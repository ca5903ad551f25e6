import type { CurrentLink } from './state.js';
import type { Turn } from './turn.js';

/** Every subscription of a successor is acknowledged: it becomes the link that delivers. */
export function promote(turn: Turn, link: number, control: boolean): void {
  const { state } = turn;
  const { attempt, current: old } = state;
  if (attempt?.id !== link) return;
  const mode = turn.handOverMode(attempt.server);
  state.attempt = null;
  state.rotating = false;
  state.control = control;
  state.current = newLink(turn, link, attempt.server);
  state.canary = null;
  state.canaryAt = null;
  // Soon, because it proves the whole way; not at once, because thousands may have come back together.
  state.canaryNextAt = turn.within(Math.min(1000, state.config.canary?.interval ?? Infinity));
  turn.emit({ type: 'promote', link, old: old?.id ?? null, mode });
  if (old) keep(turn, old);
  if (mode === 'suspected' && old) turn.openGap('silent', old.verifiedAt);
  turn.closeGap(state.kept?.id === old?.id && old ? old.id : null);
}

function newLink(turn: Turn, id: number, server: string): CurrentLink {
  const { now, state } = turn;
  return {
    id,
    server,
    liveAt: now,
    verifiedAt: now,
    heardAt: now,
    pingAt: null,
    nextPingAt: turn.within(state.config.interval),
    masterAt: now,
    suspect: false,
    verdicts: {},
  };
}

/** At most one old link is kept, and for no longer than twice the outage. */
function keep(turn: Turn, old: CurrentLink): void {
  const { state, now } = turn;
  turn.endKept();
  const outage = now - old.verifiedAt;
  state.kept = { id: old.id, server: old.server, until: now + Math.max(state.config.keepFor, 2 * outage) };
}
