import { RedisResilientError } from '../errors.js';
import type { Effect, MachineEvent } from '../subscription/events.js';
import { step } from '../subscription/machine.js';
import { initialState, type State } from '../subscription/state.js';
import type { Address } from './address.js';
import { HandOverDesk, type DeskListener } from './hand-over-desk.js';
import { Heartbeat } from './heartbeat.js';
import { Probes } from './probes.js';
import type { Link, LinkListener, Receiver } from './link.js';
import { LinkPool } from './link-pool.js';
import { RefusalRetry } from './refusal-retry.js';
import { Rotations } from './rotations.js';
import type { SupervisorParts } from './supervisor-parts.js';

/** Keeps one link live: carries out what the machine decides, and tells it what became of it. */
export class Supervisor {
  state: State;
  private readonly links: LinkPool;
  private readonly heartbeat: Heartbeat;
  private readonly desk: HandOverDesk;
  private readonly queue: MachineEvent[] = [];
  private stepping = false;
  private readonly probes: Probes;
  private readonly rotations = new Rotations();
  private handOverFrom = 0;
  private readonly refusals: RefusalRetry;
  private deliver: Receiver;

  constructor(private readonly parts: SupervisorParts) {
    this.state = initialState(parts.config);
    this.links = new LinkPool(parts, this.linkListener());
    this.heartbeat = new Heartbeat((lag) => {
      this.dispatch({ type: 'wake', heardAt: this.current?.heardAt ?? null, lag });
    });
    const { subscriptions } = parts;
    this.deliver = (kind, name, channel, payload) => {
      subscriptions.sink(kind, name)?.(channel, payload, false);
    };
    this.desk = new HandOverDesk(this.deskListener(), parts.config.timeout);
    this.refusals = new RefusalRetry(parts.config);
    this.probes = new Probes(parts, {
      tell: (event) => {
        this.dispatch(event);
      },
      subscriptionsLost: (link, from) => {
        parts.listener.subscriptionsLost(from);
        // The answer came when another link had taken over already, and that one has them all.
        if (this.current && this.current !== link) parts.listener.subscriptionsChanged(this.current);
      },
    });
  }

  get current(): Link | null {
    return this.links.get(this.state.current?.id);
  }

  target(address: Address): void {
    const server = this.links.learn(address);
    this.parts.publisher.retarget(address);
    this.dispatch({ type: 'target', server });
  }

  /** Makes a link to a server that may be the target soon. */
  nominate(address: Address): void {
    this.dispatch({ type: 'candidate', server: this.links.learn(address) });
  }

  /** Replaces the link; resolves once another one is live and this one ended. */
  rotate(): Promise<void> {
    const { current } = this.state;
    if (!current) {
      const words = 'There is no live link to replace; a new one is being made already.';
      return Promise.reject(new RedisResilientError('CONNECTION', words));
    }
    const rotated = this.rotations.wait(current.id);
    this.dispatch({ type: 'rotate' });
    return rotated;
  }

  /** PINGs a link beside the schedule. Rejects when it ends before it answered. */
  verify(link: Link): Promise<void> {
    return this.probes.verify(link);
  }

  /** From now on no message reaches a sink. */
  stopIntake(): void {
    this.deliver = () => undefined;
    this.links.redirect(this.deliver);
    this.dispatch({ type: 'drain' });
  }

  close(): void {
    this.dispatch({ type: 'close' });
    this.heartbeat.stop();
    this.desk.close();
    this.refusals.stop();
    this.links.destroyAll();
  }

  /** Events that arise while a step is carried out wait for its end. */
  dispatch(event: MachineEvent): void {
    this.queue.push(event);
    if (this.stepping) return;
    this.stepping = true;
    try {
      for (let next = this.queue.shift(); next; next = this.queue.shift()) this.take(next);
    } finally {
      this.stepping = false;
    }
    this.heartbeat.follow(this.state);
  }

  private take(event: MachineEvent): void {
    const before = this.state;
    const [after, effects] = step(before, event, { now: performance.now(), random: Math.random() });
    this.state = after;
    for (const effect of effects) this.carryOut(effect);
    this.rotations.follow(after);
    this.parts.listener.stepped(after, before, event, effects);
  }

  private carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'open':
        return this.links.open(effect.link, effect.server);
      case 'destroy':
        return this.end(effect.link);
      case 'abandon':
        if (effect.why === 'failed') this.reportOverdue(this.links.get(effect.link));
        return this.end(effect.link);
      case 'prepare': {
        const successor = this.links.get(effect.link);
        this.handOverFrom = effect.from;
        if (successor) this.desk.prepare(effect.mode, this.links.get(effect.old), successor);
        return;
      }
      case 'promote': {
        const successor = this.links.get(effect.link);
        if (!successor) return;
        this.probes.reset(successor);
        // What became wanted meanwhile is subscribed in front of the marker, which then counts for it as well.
        successor.resync();
        this.desk.promote(effect.mode, this.links.get(effect.old), successor);
        return this.changed(successor);
      }
      case 'ping':
        return this.probes.ping(this.links.get(effect.link), this.links.get(this.state.kept?.id));
      case 'publishCanary':
        return this.probes.publishCanary(effect.nonce);
      case 'pingAfterCanary':
        return this.probes.pingAfterCanary(this.links.get(effect.link), effect.nonce);
      default:
        return this.parts.listener.gap(effect);
    }
  }

  private end(id: number): void {
    const link = this.links.remove(id);
    if (!link) return;
    this.desk.ended(link);
    link.destroy();
  }

  /** An attempt that failed by itself has told why; one that ran out of time has not. */
  private reportOverdue(link: Link | null): void {
    if (!link || link.isDestroyed) return;
    const words = `No answer within ${String(this.parts.config.timeout)} ms (keepAlive.timeout).`;
    this.parts.listener.attemptFailed(new RedisResilientError('TIMEOUT', words), link.address);
  }

  private changed(link: Link): void {
    const usable = link.sync.control === true;
    if (usable !== this.state.control) this.dispatch({ type: 'control', link: link.id, usable });
    this.parts.listener.subscriptionsChanged(link);
    this.refusals.follow(link);
  }

  private linkListener(): LinkListener {
    return {
      subscribing: ({ id }) => {
        this.dispatch({ type: 'subscribing', link: id });
      },
      progress: ({ id }) => {
        this.dispatch({ type: 'progress', link: id });
      },
      live: (link) => {
        this.dispatch({ type: 'live', link: link.id, control: link.sync.control === true });
      },
      failed: (link, error, refused) => {
        if (this.state.attempt?.reason !== 'candidate')
          this.parts.listener.attemptFailed(error, link.address);
        this.dispatch({ type: 'failed', link: link.id, refused });
      },
      closed: ({ id }) => {
        this.dispatch({ type: 'closed', link: id });
      },
      heard: ({ id }) => {
        const { current } = this.state;
        if (current?.id !== id || (!current.suspect && current.verdicts.silent === undefined)) return;
        this.dispatch({ type: 'heard', link: id });
      },
      control: (link, word) => {
        if (this.desk.hears(link, word) || !word.startsWith('c')) return;
        this.dispatch({ type: 'canaryReturned', nonce: Number(word.slice(1)), link: link.id });
      },
      changed: (link) => {
        if (link === this.current) this.changed(link);
      },
    };
  }

  private deskListener(): DeskListener {
    const { subscriptions, publisher, controlChannel, publishTimeout, listener } = this.parts;
    const live = (): Receiver => this.deliver;
    return {
      get live() {
        return live();
      },
      late: (old) => (kind, name, channel, payload) => {
        if (this.state.phase !== 'running') return;
        listener.lateMessage(old);
        subscriptions.sink(kind, name)?.(channel, payload, true);
      },
      handedOver: ({ id }) => this.dispatch({ type: 'handedOver', link: id }),
      cut: () => listener.handOverCut(this.handOverFrom),
      publishMarker: async (successor, marker) => {
        if (successor.resp3) await successor.publish(controlChannel, marker);
        else await publisher.publish(controlChannel, marker, publishTimeout);
      },
    };
  }
}
