import { wanted, type Attempt, type CurrentLink, type State } from './state.js';
import type { Turn } from './turn.js';

/** What did not happen within its deadline, at the moment of the turn. Deadlines are named by `nextWake`. */
export function judge(turn: Turn): void {
  if (!isActive(turn.state)) return;
  judgeSilence(turn);
  judgeCanary(turn);
  const { attempt, kept } = turn.state;
  if (attempt && turn.now >= attemptDeadline(turn.state, attempt)) turn.attemptFailed(false);
  if (kept && turn.now >= kept.until) turn.endKept();
  const { candidate } = turn.state;
  if (candidate && turn.now >= candidate.until) turn.forgetCandidate();
}

/** Asks and tries what is due at the moment of the turn. */
export function act(turn: Turn): void {
  if (!isActive(turn.state)) return;
  sendPing(turn);
  sendCanary(turn);
  openLink(turn);
}

function isActive({ phase }: State): boolean {
  return phase === 'running' || phase === 'draining';
}

function sendPing(turn: Turn): void {
  const { current } = turn.state;
  if (!current || current.pingAt !== null || turn.now < current.nextPingAt) return;
  turn.change(current, { pingAt: turn.now });
  turn.emit({ type: 'ping', link: current.id });
}

function judgeSilence(turn: Turn): void {
  const { state, now } = turn;
  const { current, config } = state;
  if (!current || current.pingAt === null || now < state.graceUntil) return;
  const since = silentSince(current);
  if (now >= since + config.timeout) turn.pass('silent', current.verifiedAt);
  if (now >= since + config.suspectAfter && !current.suspect) {
    // `pass` may have replaced the link's state.
    turn.change(state.current ?? current, { suspect: true });
    state.suspicions += 1;
    if (!state.attempt) turn.retryNow();
  }
}

function sendCanary(turn: Turn): void {
  const { state, now } = turn;
  const { canary: options } = state.config;
  if (!options || !mayCanary(state) || state.canary || now < state.canaryNextAt) return;
  const nonce = state.canaryNonce + 1;
  state.canaryNonce = nonce;
  state.canary = { nonce, sentAt: now, stage: 'sent' };
  state.canaryNextAt = now + options.interval;
  turn.emit({ type: 'publishCanary', nonce });
}

function judgeCanary(turn: Turn): void {
  const { state, now } = turn;
  const { canary: flight, current } = state;
  const deadline = canaryDeadline(state);
  if (!flight || !current || deadline === null || now < deadline) return;
  state.canary = null;
  // Short of its acknowledgement it proves nothing but trouble at the publisher.
  if (flight.stage === 'far') turn.pass('deaf', current.canaryAt);
}

function openLink(turn: Turn): void {
  const { state, now } = turn;
  const reason = wanted(state);
  // A link that is needed comes before one that may be.
  if (reason !== 'candidate' && state.attempt?.reason === 'candidate') turn.forgetCandidate();
  if (reason === null || state.attempt || now < state.retryAt) return;
  const server = reason === 'candidate' ? state.candidate?.server : state.target;
  if (server != null) turn.open(reason, server);
}

function mayCanary({ config, control, current, phase }: State): boolean {
  return config.canary !== null && control && current !== null && phase === 'running';
}

/** `null` where the PING behind the canary decides, however long it takes. */
function canaryDeadline({ config, canary: flight, graceUntil }: State): number | null {
  if (!flight || !config.canary || flight.stage === 'near') return null;
  return Math.max(flight.sentAt + config.canary.timeout, graceUntil);
}

function attemptDeadline({ config, graceUntil }: State, attempt: Attempt): number {
  // A link that stands by has arrived; its candidate's time is what counts.
  if (attempt.standby) return Infinity;
  return Math.max(attempt.progressAt + config.timeout, graceUntil);
}

/** Silence counts from the later of the question and the last byte. */
function silentSince(current: CurrentLink): number {
  return Math.max(current.pingAt ?? 0, current.heardAt);
}

/** When the machine wants to be woken, or `null` while it waits for an event only. */
export function nextWake(state: State): number | null {
  if (!isActive(state)) return null;
  const { attempt, kept } = state;
  const times = [
    ...linkTimes(state),
    ...canaryTimes(state),
    ...(attempt ? [attemptDeadline(state, attempt)] : []),
    ...(!attempt && state.target !== null && wanted(state) !== null ? [state.retryAt] : []),
    ...(kept ? [kept.until] : []),
    ...(state.candidate ? [state.candidate.until] : []),
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
  if (!mayCanary(state)) return [];
  const time = state.canary ? canaryDeadline(state) : state.canaryNextAt;
  return time === null ? [] : [time];
}
