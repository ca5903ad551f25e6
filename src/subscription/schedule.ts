import type { CurrentLink, State } from './state.js';
import type { Turn } from './turn.js';

/** Does what is due at the moment of the turn. Deadlines are named by `nextWake`. */
export function runDue(turn: Turn): void {
  if (turn.state.phase !== 'running' && turn.state.phase !== 'draining') return;
  watchLink(turn);
  watchCanary(turn);
  watchAttempt(turn);
  const { kept } = turn.state;
  if (kept && turn.now >= kept.until) turn.endKept();
}

function watchLink(turn: Turn): void {
  const { state, now } = turn;
  const { current, config } = state;
  if (!current) return;
  if (current.pingAt === null) {
    if (now < current.nextPingAt) return;
    turn.change(current, { pingAt: now });
    turn.emit({ type: 'ping', link: current.id });
    return;
  }
  if (now < state.graceUntil) return;
  const silence = now - silentSince(current);
  if (silence >= config.timeout) turn.pass('silent', current.verifiedAt);
  if (silence >= config.suspectAfter && !current.suspect) {
    // `pass` may have replaced the link's state.
    turn.change(state.current ?? current, { suspect: true });
    state.suspicions += 1;
    if (!state.attempt) turn.retryNow();
  }
}

function watchCanary(turn: Turn): void {
  const { state, now } = turn;
  const { canary: options } = state.config;
  const { current, canary: flight } = state;
  if (!options || !state.control || !current || state.phase !== 'running') return;
  if (!flight) {
    if (now < state.canaryNextAt) return;
    const nonce = state.canaryNonce + 1;
    state.canaryNonce = nonce;
    state.canary = { nonce, sentAt: now, stage: 'sent' };
    state.canaryNextAt = now + options.interval;
    turn.emit({ type: 'publishCanary', nonce });
  } else if (now >= Math.max(flight.sentAt + options.timeout, state.graceUntil)) {
    state.canary = null;
    // `near` is decided by the PING behind it, `sent` proves nothing but trouble at the publisher.
    if (flight.stage === 'far') turn.pass('deaf', Math.max(current.liveAt, state.canaryAt ?? 0));
  }
}

function watchAttempt(turn: Turn): void {
  const { state, now } = turn;
  if (state.attempt) {
    if (now >= Math.max(state.attempt.deadline, state.graceUntil)) turn.attemptFailed(false);
    return;
  }
  const reason = turn.wanted();
  if (reason !== null && state.target !== null && now >= state.retryAt) turn.open(reason, state.target);
}

/** Silence counts from the later of the question and the last byte. */
function silentSince(current: CurrentLink): number {
  return Math.max(current.pingAt ?? 0, current.heardAt);
}

/** When the machine wants to be woken, or `null` while it waits for an event only. */
export function nextWake(state: State): number | null {
  if (state.phase !== 'running' && state.phase !== 'draining') return null;
  const times = [
    ...linkTimes(state),
    ...canaryTimes(state),
    ...(state.attempt ? [Math.max(state.attempt.deadline, state.graceUntil)] : retryTimes(state)),
    ...(state.kept ? [state.kept.until] : []),
  ];
  return times.length > 0 ? Math.min(...times) : null;
}

function linkTimes(state: State): number[] {
  const { current, config, graceUntil } = state;
  if (!current) return [];
  if (current.pingAt === null) return [current.nextPingAt];
  if (current.verdicts.silent !== undefined) return [];
  const patience = current.suspect ? config.timeout : config.suspectAfter;
  return [Math.max(silentSince(current) + patience, graceUntil)];
}

function canaryTimes(state: State): number[] {
  const { canary: options } = state.config;
  if (!options || !state.control || !state.current || state.phase !== 'running') return [];
  if (!state.canary) return [state.canaryNextAt];
  return [Math.max(state.canary.sentAt + options.timeout, state.graceUntil)];
}

function retryTimes(state: State): number[] {
  const { phase, current, rotating, target, retryAt } = state;
  if (phase !== 'running' || target === null) return [];
  const trusted = current && !current.suspect && !rotating && Object.keys(current.verdicts).length === 0;
  return trusted ? [] : [retryAt];
}
