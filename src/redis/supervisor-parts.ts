import type { Effect, MachineEvent } from '../subscription/events.js';
import type { MachineConfig, State } from '../subscription/state.js';
import type { Address } from './address.js';
import type { Link } from './link.js';
import type { Publisher } from './publisher.js';
import type { Subscriptions } from './subscriptions.js';
import type { OptionsSource } from './topology.js';

/** What the supervisor tells about its work. */
export interface SupervisorListener {
  /** The machine took a step. */
  stepped(state: State, before: State, event: MachineEvent, effects: readonly Effect[]): void;
  gap(effect: Extract<Effect, { readonly type: 'openGap' | 'widenGap' | 'closeGap' | 'settle' }>): void;
  attemptFailed(error: unknown, address: Address): void;
  subscriptionsChanged(link: Link): void;
  lateMessage(old: Link): void;
  /** A hand-over was cut; messages since `from` may be missing. */
  handOverCut(from: number): void;
  /** The server has lost subscriptions, which were there at `from`; until `subscriptionsChanged` of a link that is settled. */
  subscriptionsLost(from: number): void;
}

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly config: MachineConfig;
  readonly source: OptionsSource;
  readonly subscriptions: Subscriptions;
  readonly publisher: Publisher;
  readonly controlChannel: string;
  readonly publishTimeout: number;
  readonly listener: SupervisorListener;
}
