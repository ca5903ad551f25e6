/**
 * How a successor takes over.
 * - `fresh`: there is no old link
 * - `planned`: same server, both speak
 * - `suspected`: same server, the old link may never speak again
 * - `apart`: another server, nothing is shared
 */
export type HandOverMode = 'fresh' | 'planned' | 'suspected' | 'apart';

/** What a link heard. `key` names the subscription, `size` is in bytes. */
export interface Heard {
  readonly key: string;
  readonly size: number;
}

/** Where messages go once it is decided that they are nobody's double. */
export type Outlet<M extends Heard> = (message: M, late: boolean) => void;

/**
 * Stands between two links on one server and makes one stream of both, each message once, without ids.
 *
 * Redis executes in one order. So what the successor hears on one subscription before the marker (k messages) are the
 * last k that the old link hears on it before the marker. Counted per subscription: over several SUBSCRIBE commands
 * together it would not hold.
 */
export interface HandOver<M extends Heard> {
  fromOld(message: M): void;
  fromSuccessor(message: M): void;
  /** Every subscription of the successor is acknowledged; the marker is published after this. */
  promoted(): void;
  oldMarker(): void;
  /** The marker, or after the end of the old link anything that the server executed later, such as a PING. */
  successorMarker(): void;
  oldClosed(): void;
  /** The successor is put away; the old link goes on as if nothing had been. */
  abandoned(): void;
  /** The marker does not come in time. */
  expired(): void;
  /** Nothing more will come of the old link that its successor has not heard. */
  readonly done: boolean;
  /** Messages were cut that the successor may not have heard. */
  readonly cut: boolean;
}

/** The most that a hand-over holds, in bytes of payload. */
export const HAND_OVER_CAP = 32 * 1024 * 1024;
