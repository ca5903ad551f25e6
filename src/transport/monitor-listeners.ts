import type { Subscription } from 'rxjs';
import type { RedisResilientMonitor } from '../redis/monitor.js';
import type { Snapshot } from '../redis/snapshot.js';
import type { Gap } from '../subscription/gap.js';

/** What `on()` of the server and of the client tells. A type, not an interface: Nest asks for an index signature. */
export type RedisResilientEvents = {
  /** Each change of state. */
  status: (snapshot: Snapshot) => void;
  /** Each moment of a gap: open, closed, settled. */
  gap: (gap: Gap) => void;
};

/** Callbacks that listen to a monitor. The same callback for the same event listens once. */
export class MonitorListeners {
  readonly #subscriptions = new Map<string, Map<unknown, Subscription>>();

  constructor(private readonly monitor: RedisResilientMonitor) {}

  on<Event extends keyof RedisResilientEvents>(event: Event, callback: RedisResilientEvents[Event]): void {
    const ofEvent = this.#subscriptions.get(event) ?? new Map<unknown, Subscription>();
    this.#subscriptions.set(event, ofEvent);
    if (!ofEvent.has(callback)) ofEvent.set(callback, this.subscribe(event, callback));
  }

  clear(): void {
    for (const ofEvent of this.#subscriptions.values()) {
      for (const subscription of ofEvent.values()) subscription.unsubscribe();
    }
    this.#subscriptions.clear();
  }

  private subscribe(event: keyof RedisResilientEvents, callback: unknown): Subscription {
    return event === 'gap'
      ? this.monitor.gaps$.subscribe(callback as RedisResilientEvents['gap'])
      : this.monitor.status$.subscribe(callback as RedisResilientEvents['status']);
  }
}
