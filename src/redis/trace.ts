import {
  canaryChannel,
  gapChannel,
  instanceChannel,
  liveInstances,
  linkChannel,
  pingChannel,
  publishFailedChannel,
  type CanaryEvent,
  type GapEvent,
  type InstanceEvent,
  type InstanceRef,
  type LinkEvent,
  type PingEvent,
  type PublishFailedEvent,
} from '../channels.js';
import type { Effect, MachineEvent } from '../subscription/events.js';
import type { Gap } from '../subscription/gap.js';
import type { State } from '../subscription/state.js';

/** Tells the diagnostics channels what happens in the core. Builds no payload while nobody listens. */
export class Trace {
  constructor(private readonly ref: InstanceRef) {}

  instance(type: InstanceEvent['type'], snapshot: () => unknown): void {
    const event: InstanceEvent = { ...this.ref, type, snapshot };
    if (type === 'opened') liveInstances().set(this.ref.instance, event);
    else liveInstances().delete(this.ref.instance);
    if (instanceChannel.hasSubscribers) instanceChannel.publish(event);
  }

  gap({ phase, id, cause, duration, late, dropped }: Gap): void {
    if (!gapChannel.hasSubscribers) return;
    gapChannel.publish({ ...this.ref, phase, id, cause, duration, late, dropped } satisfies GapEvent);
  }

  publishFailed(code: string): void {
    if (!publishFailedChannel.hasSubscribers) return;
    publishFailedChannel.publish({ ...this.ref, code } satisfies PublishFailedEvent);
  }

  step(state: State, before: State, event: MachineEvent, effects: readonly Effect[]): void {
    this.roundTrips(before, event);
    if (!linkChannel.hasSubscribers) return;
    if (state.suspicions > before.suspicions) this.link('suspected', null);
    for (const effect of effects) {
      if (effect.type === 'open') this.link('opened', effect.reason);
      else if (effect.type === 'promote') this.link('promoted', before.attempt?.reason ?? null);
      else if (effect.type === 'abandon') {
        this.link(effect.why === 'needless' ? 'put-away' : 'failed', before.attempt?.reason ?? null);
      }
    }
  }

  private link(type: LinkEvent['type'], reason: string | null): void {
    linkChannel.publish({ ...this.ref, type, reason } satisfies LinkEvent);
  }

  private roundTrips(before: State, event: MachineEvent): void {
    if (event.type === 'pong' && pingChannel.hasSubscribers) {
      const duration = performance.now() - event.sentAt;
      pingChannel.publish({ ...this.ref, duration } satisfies PingEvent);
    } else if (event.type === 'canaryReturned' && canaryChannel.hasSubscribers) {
      if (before.canary?.nonce !== event.nonce) return;
      const duration = performance.now() - before.canary.sentAt;
      canaryChannel.publish({ ...this.ref, duration } satisfies CanaryEvent);
    }
  }
}
