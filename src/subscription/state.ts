import type { BackoffBounds } from './backoff.js';
import type { GapCause } from './gap.js';
import type { HandOverMode } from './handover.js';

/** Everything the machine needs to know of the options. Milliseconds. */
export interface MachineConfig extends BackoffBounds {
  /** Between two PINGs. */
  readonly interval: number;
  /** Silence after a PING until a successor is opened. */
  readonly suspectAfter: number;
  /** Silence after a PING until the link is given up; what an attempt may take without any progress. */
  readonly timeout: number;
  readonly canary: { readonly interval: number; readonly timeout: number } | null;
  /** How long an old link is kept at least for its late messages. */
  readonly keepFor: number;
  /** How long a link to a candidate waits for a majority of the Sentinels. */
  readonly standby: number;
}

/** Why the link that we hold cannot be trusted. Each is lifted by its own proof only. */
export type Verdict = Extract<GapCause, 'silent' | 'deaf' | 'failover' | 'demoted'>;

/** The link that delivers. */
export interface CurrentLink {
  readonly id: number;
  readonly server: string;
  readonly liveAt: number;
  /** The link from which it takes over by plan, until that is finished. Until then it may hold its tongue. */
  readonly predecessor: number | null;
  /** Send time of the last question that was answered: a PING, or at first the SUBSCRIBE. */
  readonly verifiedAt: number;
  /** Send time of the last canary that came back, or at first of the SUBSCRIBE. */
  readonly canaryAt: number;
  /** When bytes last came. Suppresses a verdict about the link and proves nothing else. */
  readonly heardAt: number;
  /** Send time of the PING that is not answered yet. */
  readonly pingAt: number | null;
  readonly nextPingAt: number;
  /** The last moment at which its server was known to be a master. */
  readonly masterAt: number;
  readonly suspect: boolean;
  /** Each with the moment it was passed. */
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

/** A link being made. */
export interface Attempt {
  readonly id: number;
  readonly server: string;
  readonly reason: AttemptReason;
  readonly openedAt: number;
  /** When Redis last acknowledged some of its subscriptions; at first when it was opened. */
  readonly progressAt: number;
  /** `null` until it is about to subscribe. */
  readonly takeOver: TakeOver | null;
  /** Subscribed to a candidate, and waiting for a majority to name it. */
  readonly standby: Standby | null;
}

/** What a link that stands by has found out. */
export interface Standby {
  /** Whether the control channel may be used. */
  readonly control: boolean;
}

/** What was decided when a successor was about to subscribe. It stands, whatever the old link does until the promotion. */
export interface TakeOver {
  readonly mode: HandOverMode;
  readonly old: number | null;
  /** When the first SUBSCRIBE was sent. */
  readonly at: number;
  /** The last verified moment of an old link whose messages are held back since; `null` where none are. */
  readonly heldSince: number | null;
}

/** `candidate`: the Sentinels are about to make another server the master. */
export type AttemptReason = 'start' | 'closed' | 'suspect' | 'verdict' | 'rotate' | 'candidate';

/** An old link whose late messages are still welcome. */
export interface KeptLink {
  readonly id: number;
  readonly server: string;
  readonly until: number;
}

/** A canary on its way. `sent`: PUBLISH not acknowledged; `near`: acknowledged by the link's own server; `far`: by another one. */
export interface CanaryFlight {
  readonly nonce: number;
  readonly sentAt: number;
  readonly stage: 'sent' | 'near' | 'far';
}

export interface State {
  readonly config: MachineConfig;
  readonly phase: 'idle' | 'running' | 'draining' | 'closed';
  readonly startedAt: number;
  readonly links: number;
  readonly putAway: number;
  readonly suspicions: number;
  readonly current: CurrentLink | null;
  readonly attempt: Attempt | null;
  readonly kept: KeptLink | null;
  readonly rotating: boolean;
  /** The server to listen to, as the topology names it. */
  readonly target: string | null;
  /** The server that may be the target soon, and until when it is worth a link. */
  readonly candidate: { readonly server: string; readonly until: number } | null;
  /** Send time of the last topology poll that agreed on `target`. */
  readonly agreedAt: number | null;
  readonly failures: number;
  readonly retryAt: number;
  /** No verdict before this moment: our own event loop had stalled. */
  readonly graceUntil: number;
  /** Whether the control channel may be used. */
  readonly control: boolean;
  readonly canaryNextAt: number;
  readonly canaryNonce: number;
  readonly canary: CanaryFlight | null;
  /** The gap that concerns the link as a whole, while open. */
  readonly gap: { readonly cause: GapCause; readonly from: number } | null;
}

export function initialState(config: MachineConfig): State {
  return {
    config,
    phase: 'idle',
    startedAt: 0,
    links: 0,
    putAway: 0,
    suspicions: 0,
    current: null,
    attempt: null,
    kept: null,
    rotating: false,
    target: null,
    candidate: null,
    agreedAt: null,
    failures: 0,
    retryAt: 0,
    graceUntil: 0,
    control: true,
    canaryNextAt: 0,
    canaryNonce: 0,
    canary: null,
    gap: null,
  };
}

/** What an operator reads. */
export type LinkStatus = 'idle' | 'connecting' | 'subscribing' | 'live' | 'suspect' | 'draining' | 'closed';

/** The one word for a state. A link under a verdict is no longer live, even though it is still held. */
export function statusOf(state: State): LinkStatus {
  if (state.phase !== 'running') return state.phase;
  const { current, attempt } = state;
  if (current && Object.keys(current.verdicts).length === 0) return current.suspect ? 'suspect' : 'live';
  return attempt?.takeOver ? 'subscribing' : 'connecting';
}

/** Whether another link than the one we hold is wanted, and why. */
export function wanted({ phase, current, rotating, gap, candidate }: State): AttemptReason | null {
  if (phase !== 'running') return null;
  if (!current) return gap && gap.cause !== 'start' ? 'closed' : 'start';
  if (Object.keys(current.verdicts).length > 0) return 'verdict';
  if (current.suspect) return 'suspect';
  // One planned hand-over after the other.
  if (current.predecessor !== null) return null;
  if (rotating) return 'rotate';
  return candidate ? 'candidate' : null;
}
