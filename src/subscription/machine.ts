import type { Effect, MachineEvent, Moment } from './events.js';
import { prepare, promote } from './promotion.js';
import { act, judge } from './schedule.js';
import type { State } from './state.js';
import { Turn } from './turn.js';

/**
 * The whole decision: what an event means, and what is to be done about it. Pure; time and chance come with the event.
 * Only a wake passes judgement on what did not happen in time, because it knows of a stall of our own event loop.
 * `closed` is final, and no event of a link that is neither current, nor attempted, nor kept changes anything.
 */
export function step(state: State, event: MachineEvent, moment: Moment): readonly [State, readonly Effect[]] {
  if (state.phase === 'closed') return [state, []];
  const turn = new Turn(state, moment);
  apply(turn, event);
  if (event.type === 'wake') judge(turn);
  act(turn);
  return [turn.state, turn.effects];
}

function apply(turn: Turn, event: MachineEvent): void {
  const { state, now } = turn;
  switch (event.type) {
    case 'start':
      if (state.phase !== 'idle') return;
      state.phase = 'running';
      state.startedAt = now;
      state.retryAt = now;
      return;
    case 'drain':
      if (state.phase === 'running') state.phase = 'draining';
      return turn.abandonNeedlessAttempt();
    case 'close':
      return close(turn);
    case 'rotate':
      if (state.current) state.rotating = true;
      turn.retryNow();
      return;
    case 'wake':
      return wake(turn, event.heardAt, event.lag);
    case 'target':
      return retarget(turn, event.server);
    case 'candidate':
      return nominate(turn, event.server);
    case 'returned':
      return returned(turn);
    case 'untargeted':
      if (state.phase === 'running') turn.missedStart();
      return;
    case 'agreed':
      state.agreedAt = event.at;
      return;
    case 'subscribing':
      return prepare(turn, event.link);
    case 'progress':
      if (state.attempt?.id === event.link) state.attempt = { ...state.attempt, progressAt: now };
      return;
    case 'live':
      return promote(turn, event.link, event.control);
    case 'control':
      if (state.current?.id === event.link) state.control = event.usable;
      return;
    case 'failed':
      if (state.attempt?.id === event.link) turn.attemptFailed(event.refused);
      return;
    case 'closed':
      return linkClosed(turn, event.link);
    case 'heard':
      return heard(turn, event.link);
    case 'pong':
      return pong(turn, event.link, event.sentAt);
    case 'role':
      return role(turn, event.link, event.master, event.askedAt);
    case 'handedOver':
      return handedOver(turn, event.link);
    default:
      return canary(turn, event);
  }
}

function close(turn: Turn): void {
  const { state } = turn;
  for (const link of [state.attempt, state.current]) if (link) turn.emit({ type: 'destroy', link: link.id });
  turn.endKept();
  state.phase = 'closed';
  state.attempt = null;
  state.current = null;
}

function wake(turn: Turn, heardAt: number | null, lag: number): void {
  const { state, now } = turn;
  const { current, config } = state;
  // The end of a grace that comes late grants no other one, or a process that is always late would never judge.
  if (lag > 0 && now - lag > state.graceUntil) state.graceUntil = now + Math.min(lag, config.suspectAfter);
  if (current && heardAt !== null) turn.change(current, { heardAt: Math.max(heardAt, current.heardAt) });
}

function retarget(turn: Turn, server: string): void {
  const { state } = turn;
  const before = state.target;
  // Since then another node may have accepted messages that our link cannot know, whatever else it hears.
  const agreedAt = state.agreedAt ?? state.current?.masterAt ?? turn.now;
  state.target = server;
  state.candidate = null;
  if (state.attempt && state.attempt.server !== server) {
    turn.emit({ type: 'abandon', link: state.attempt.id, why: 'moved' });
    state.attempt = null;
  }
  // What was an offer is needed now.
  if (state.attempt?.reason === 'candidate') state.attempt = { ...state.attempt, reason: 'verdict' };
  if (!state.attempt) turn.retryNow();
  if (before !== null && before !== server && state.gap) turn.openGap(state.gap.cause, agreedAt);
  if (!state.current) return;
  if (state.current.server === server) {
    turn.lift('failover');
    return;
  }
  turn.pass('failover', agreedAt);
  if (state.attempt?.standby) promote(turn, state.attempt.id, state.attempt.standby.control);
}

/** While the Sentinels tell each other, a link to the node that will be named can be made already. */
function nominate(turn: Turn, server: string): void {
  const { state, now } = turn;
  if (!state.current || server === state.current.server || server === state.target) return;
  if (state.candidate?.server !== server) turn.forgetCandidate();
  state.candidate = { server, until: now + state.config.standby };
}

/** What another server accepted while it was the master no link of ours can know, however well it hears now. */
function returned(turn: Turn): void {
  const { phase, agreedAt, current } = turn.state;
  if (phase !== 'running') return;
  turn.openGap('failover', agreedAt ?? current?.masterAt ?? turn.now);
  if (current && Object.keys(current.verdicts).length === 0) turn.closeGap(null);
}

function linkClosed(turn: Turn, link: number): void {
  const { state, now } = turn;
  const { current, config } = state;
  if (state.attempt?.id === link) return turn.attemptFailed(false);
  if (state.kept?.id === link) return turn.endKept();
  if (current?.id !== link) return;
  turn.endCurrent('closed');
  // A link that lived for a moment only is a failed attempt: a server that keeps closing must not be hammered.
  if (now - current.liveAt >= config.interval) state.failures = 0;
  if (!state.attempt) turn.retryLater(false);
}

function heard(turn: Turn, link: number): void {
  const { state, now } = turn;
  const { current } = state;
  if (current?.id !== link) return;
  turn.change(current, { heardAt: now, suspect: false });
  if (current.verdicts.silent !== undefined) {
    state.retryAt = Math.min(state.retryAt, turn.within(state.config.minDelay));
  }
  turn.abandonNeedlessAttempt();
}

function pong(turn: Turn, link: number, sentAt: number): void {
  const { state, now } = turn;
  const { current, config } = state;
  if (current?.id !== link) return;
  const silentSince = current.verdicts.silent;
  const proven = silentSince === undefined || sentAt >= silentSince;
  turn.change(current, {
    heardAt: now,
    verifiedAt: sentAt,
    suspect: false,
    pingAt: null,
    // The answer to an old question does not lift a verdict: ask again at once.
    nextPingAt: proven ? sentAt + config.interval : now,
  });
  if (proven) turn.lift('silent');
  turn.abandonNeedlessAttempt();
}

function handedOver(turn: Turn, old: number): void {
  const { current, kept } = turn.state;
  if (current?.predecessor === old) turn.change(current, { predecessor: null });
  if (kept?.id === old) turn.endKept();
}

/** A node that became a replica relays its master's messages: with a successor at its side it would say them twice. */
function role(turn: Turn, link: number, master: boolean, askedAt: number): void {
  const { current, kept, attempt } = turn.state;
  if (kept?.id === link && !master) return turn.endKept();
  if (current?.id !== link) return;
  if (master) {
    turn.change(current, { masterAt: askedAt });
    return turn.lift('demoted');
  }
  turn.pass('demoted', current.masterAt);
  if (attempt?.takeOver && attempt.server !== current.server) turn.endCurrent('demoted');
}

function canary(turn: Turn, event: Extract<MachineEvent, { readonly nonce: number }>): void {
  const { state, now } = turn;
  const { canary: flight, current } = state;
  if (flight?.nonce !== event.nonce || !current) return;
  switch (event.type) {
    case 'canaryPublished':
      state.canary = { ...flight, stage: event.server === current.server ? 'near' : 'far' };
      if (event.server === current.server) {
        turn.emit({ type: 'pingAfterCanary', link: current.id, nonce: event.nonce });
      }
      return;
    case 'canaryFailed':
      // Whoever cannot speak has not proven to be deaf.
      state.canary = null;
      return;
    case 'canaryReturned':
      if (event.link !== current.id) return;
      state.canary = null;
      turn.change(current, { heardAt: now, canaryAt: flight.sentAt });
      turn.lift('deaf');
      return;
    case 'canaryPong':
      if (event.link !== current.id) return;
      state.canary = null;
      turn.pass('deaf', current.canaryAt);
      return;
  }
}
