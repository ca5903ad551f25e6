import type { HandOverMode } from './handover.js';
import type { Attempt, CurrentLink, TakeOver } from './state.js';
import type { Turn } from './turn.js';

/** The successor is about to subscribe: whoever must not speak beside it is ended now, and the delay line is laid. */
export function prepare(turn: Turn, link: number): void {
  const { state, now } = turn;
  const { attempt } = state;
  if (attempt?.id !== link) return;
  if (state.kept?.server === attempt.server) turn.endKept();
  // What it has not said yet may be what its predecessor said: nobody could tell the one from the other any more.
  if (state.current && state.current.predecessor !== null) {
    turn.endCurrent('handover');
  }
  if (state.current?.verdicts.demoted !== undefined && state.current.server !== attempt.server) {
    turn.endCurrent('demoted');
  }
  let mode = handOverMode(state.current, attempt.server);
  // Without the control channel there is no marker, and without a marker two speaking links would say things twice.
  if (mode === 'planned' && !state.control && state.current) {
    turn.endCurrent('handover');
    mode = 'fresh';
  }
  const old = state.current?.id ?? null;
  const heldSince = state.current && mode === 'suspected' ? state.current.verifiedAt : null;
  state.attempt = { ...attempt, takeOver: { mode, old, at: now, heldSince } };
  turn.emit({ type: 'prepare', link, old, mode, from: provenAt(turn) });
}

/** Until when the link surely heard everything: a marker that it does not hear may mean that it is deaf. */
function provenAt({ state: { current, config, control }, now }: Turn): number {
  if (!current) return now;
  return config.canary && control ? Math.min(current.verifiedAt, current.canaryAt) : current.verifiedAt;
}

/** Every subscription of a successor is acknowledged: it becomes the link that delivers. */
export function promote(turn: Turn, link: number, control: boolean): void {
  const { state } = turn;
  const { attempt, current: old } = state;
  if (attempt?.id !== link || !attempt.takeOver) return;
  if (attempt.reason === 'candidate') {
    state.attempt = { ...attempt, standby: { control } };
    return;
  }
  const { mode, heldSince } = attempt.takeOver;
  state.attempt = null;
  state.rotating = false;
  state.control = control;
  state.current = newLink(turn, attempt, attempt.takeOver);
  state.canary = null;
  // Soon, because it proves the whole way; not at once, because thousands may have come back together.
  state.canaryNextAt = turn.within(Math.min(1000, state.config.canary?.interval ?? Infinity));
  turn.emit({ type: 'promote', link, old: old?.id ?? null, mode });
  if (old) keep(turn, old);
  // Nobody knows whether the old link will still bring what it was sent since it was verified last.
  if (old && mode !== 'planned') turn.openGap('silent', heldSince ?? old.verifiedAt);
  turn.closeGap(old?.id ?? null);
}

function handOverMode(current: CurrentLink | null, server: string): HandOverMode {
  if (!current) return 'fresh';
  if (current.server !== server) return 'apart';
  return current.suspect || Object.keys(current.verdicts).length > 0 ? 'suspected' : 'planned';
}

function newLink(turn: Turn, { id, server, openedAt }: Attempt, takeOver: TakeOver): CurrentLink {
  const { now, state } = turn;
  return {
    id,
    server,
    liveAt: now,
    predecessor: takeOver.mode === 'planned' ? takeOver.old : null,
    verifiedAt: takeOver.at,
    canaryAt: takeOver.at,
    heardAt: now,
    pingAt: null,
    nextPingAt: turn.within(state.config.interval),
    // It was asked for its ROLE before it subscribed.
    masterAt: openedAt,
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
