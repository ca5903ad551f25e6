/**
 * Why messages may have been missed.
 * - `start`: Redis was not there at boot
 * - `closed`: the connection was closed or reset
 * - `silent`: PING was not answered within its deadline
 * - `deaf`: PING was answered, the canary did not come back
 * - `failover`: the Sentinels name another master
 * - `demoted`: the node is no longer a master
 * - `refused`: Redis refused a subscription
 * - `lost`: a subscription was missing on the server
 * - `handover`: messages were cut while a successor took over
 * - `overflow`: this process dropped messages (`dispatch.overflow`)
 */
export type GapCause =
  | 'start'
  | 'closed'
  | 'silent'
  | 'deaf'
  | 'failover'
  | 'demoted'
  | 'refused'
  | 'lost'
  | 'handover'
  | 'overflow';

/** One moment in the life of a gap. */
export type GapPhase = 'open' | 'closed' | 'settled';

/** A stretch of time in which messages may have been missed. Times are milliseconds of the monotonic clock (`performance.now()`). */
export interface Gap {
  /** The same in all phases of one gap; counts from 1 in each instance. */
  readonly id: number;
  /** How far it has come. */
  readonly phase: GapPhase;
  /** Why messages may be missing. */
  readonly cause: GapCause;
  /** The last moment at which hearing was verified. */
  readonly from: number;
  /** When every subscription was acknowledged again; `null` while open. */
  readonly to: number | null;
  /** `to - from`, or the time so far while open. */
  readonly duration: number;
  /** The subscriptions concerned, as given to the decorators. Empty: all of them. */
  readonly patterns: readonly string[];
  /** Messages of this time that the old link still delivered, so far. Final once `settled`. */
  readonly late: number;
  /** Messages that this process dropped itself. */
  readonly dropped: number;
}
