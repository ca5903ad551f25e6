import type { Gap, GapCause } from '../subscription/gap.js';
import type { LinkStatus } from '../subscription/state.js';
import type { Degradation } from './degradation.js';
import type { SentinelCount } from './topology.js';

/** The state of one instance at one moment. Durations are milliseconds. */
export interface Snapshot {
  /** Unique in the deployment; part of the control channel's name. */
  readonly instance: string;
  /** The `name` given to `forRoot`, `null` for the unnamed instance. */
  readonly name: string | null;
  /** Where the link is between connecting and live. */
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
  /** How many subscriptions are wanted, and what Redis says to them. */
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
  /**
   * How long ago the last canary that came back had been sent, or at first the SUBSCRIBE; `null` where there is no canary, by
   * option or because Redis forbids the control channel.
   */
  readonly lastCanaryAgo: number | null;
  /** Counts since the start; `kept` is now. */
  readonly links: {
    readonly made: number;
    /** How often a link was suspected. */
    readonly suspicions: number;
    /** Successors opened on suspicion and not needed. */
    readonly successorsPutAway: number;
    readonly kept: number;
  };
  /** How many gaps there were since the start, and those that are open. */
  readonly gaps: { readonly total: number; readonly open: readonly Gap[] };
  /** Late messages since the start. */
  readonly late: { readonly delivered: number; readonly dropped: number };
  /** Bytes that the server held for us unread when last asked, a few seconds ago; `null` where it does not say (RESP2). */
  readonly outputBuffer: number | null;
  /** Messages taken and not finished: waiting, in a handler, or with a reply on its way. */
  readonly pending: number;
  /** What works less well than it could. Empty: nothing. */
  readonly degraded: readonly Degradation[];
  /** What the Sentinels say, counted; `null` where there are none. */
  readonly sentinels: SentinelCount | null;
}
