import type { GapCause } from './gap.js';
import type { HandOverMode } from './handover.js';
import type { AttemptReason } from './state.js';

/** What the outside tells the machine. Times are milliseconds of one monotonic clock. */
export type MachineEvent =
  | { readonly type: 'start' }
  | { readonly type: 'close' }
  | { readonly type: 'drain' }
  | { readonly type: 'rotate' }
  /** The deadline named by `nextWake` has come. `heardAt`: when bytes last came on the current link; `lag`: how late this is. */
  | { readonly type: 'wake'; readonly heardAt: number | null; readonly lag: number }
  /** The topology names the server to listen to; another one than before, or the same again after doubt. */
  | { readonly type: 'target'; readonly server: string }
  /** The Sentinels are about to make another server the master; a majority does not name it yet. */
  | { readonly type: 'candidate'; readonly server: string }
  /** The target is the same, and another server has been the master since the last poll that agreed. */
  | { readonly type: 'returned' }
  /** Nobody could say which server to listen to. */
  | { readonly type: 'untargeted' }
  /** A majority agreed on the target in a poll that was sent at `at`. */
  | { readonly type: 'agreed'; readonly at: number }
  /** An attempt is about to send its first SUBSCRIBE. */
  | { readonly type: 'subscribing'; readonly link: number }
  /** Redis acknowledged some of an attempt's subscriptions; there are more. */
  | { readonly type: 'progress'; readonly link: number }
  /** Every subscription was answered. `control`: the control channel may be used. */
  | { readonly type: 'live'; readonly link: number; readonly control: boolean }
  /** The permission for the control channel was given, or taken, while the link lives. */
  | { readonly type: 'control'; readonly link: number; readonly usable: boolean }
  | { readonly type: 'failed'; readonly link: number; readonly refused: boolean }
  | { readonly type: 'closed'; readonly link: number }
  /** Bytes came on a link that is under suspicion or verdict. */
  | { readonly type: 'heard'; readonly link: number }
  | { readonly type: 'pong'; readonly link: number; readonly sentAt: number }
  | { readonly type: 'role'; readonly link: number; readonly master: boolean; readonly askedAt: number }
  /** The hand-over is finished: the old link has said all that its successor did not hear. */
  | { readonly type: 'handedOver'; readonly link: number }
  | { readonly type: 'canaryPublished'; readonly nonce: number; readonly server: string }
  | { readonly type: 'canaryFailed'; readonly nonce: number }
  | { readonly type: 'canaryReturned'; readonly nonce: number; readonly link: number }
  /** The PING that was sent after the canary's acknowledgement is answered. */
  | { readonly type: 'canaryPong'; readonly nonce: number; readonly link: number };

/** The moment of an event, and a random number in [0, 1) for whatever wants jitter. */
export interface Moment {
  readonly now: number;
  readonly random: number;
}

/** What the machine wants done. */
export type Effect =
  | { readonly type: 'open'; readonly link: number; readonly server: string; readonly reason: AttemptReason }
  /** Close it at once; whatever it still says reaches nobody. */
  | { readonly type: 'destroy'; readonly link: number }
  /** The attempt leads to nothing: give the old link, if there is one, its voice back. */
  | { readonly type: 'abandon'; readonly link: number; readonly why: 'needless' | 'failed' | 'moved' }
  /** Stand between two links before the successor subscribes. `from`: since when messages may be missing if it is cut. */
  | {
      readonly type: 'prepare';
      readonly link: number;
      readonly old: number | null;
      readonly mode: HandOverMode;
      readonly from: number;
    }
  | {
      readonly type: 'promote';
      readonly link: number;
      readonly old: number | null;
      readonly mode: HandOverMode;
    }
  | { readonly type: 'ping'; readonly link: number }
  | { readonly type: 'publishCanary'; readonly nonce: number }
  | { readonly type: 'pingAfterCanary'; readonly link: number; readonly nonce: number }
  | { readonly type: 'openGap'; readonly cause: GapCause; readonly from: number }
  | { readonly type: 'widenGap'; readonly from: number }
  /** `kept`: the old link that may still bring what was missed, so the gap settles when it ends. */
  | { readonly type: 'closeGap'; readonly to: number; readonly kept: number | null }
  | { readonly type: 'settle'; readonly kept: number };
