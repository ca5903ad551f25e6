import { HAND_OVER_CAP, type HandOver, type HandOverMode } from '../subscription/handover.js';
import { Held } from '../subscription/held.js';
import { PlannedHandOver } from '../subscription/planned-handover.js';
import { SuspectedHandOver } from '../subscription/suspected-handover.js';
import type { Link, Receiver } from './link.js';
import { keyOf, type SubscriptionKind } from './subscriptions.js';

interface Message {
  readonly key: string;
  readonly size: number;
  readonly kind: SubscriptionKind;
  readonly name: string;
  readonly channel: Buffer;
  readonly payload: Buffer;
}

interface Waiting {
  readonly successor: Link;
  readonly held: Held<Message>;
  overflowed: boolean;
}

export interface DeskListener {
  readonly live: Receiver;
  late(old: Link): Receiver;
  /** The old link is not needed any more. */
  handedOver(old: Link): void;
  /** Messages of an old link were given up that nobody else may have heard. */
  cut(): void;
  /** Publishes on the control channel, over the successor or whatever reaches its server. */
  publishMarker(successor: Link, marker: string): Promise<void>;
}

/** Milliseconds after which a marker that nobody heard is published again. */
const REPEAT = 250;

/** Puts the pure hand-over between the sockets of two links, and publishes its marker. */
export class HandOverDesk {
  /** A successor on another server, heard once it is promoted: it may turn out to be no successor. */
  private waiting: Waiting | null = null;
  private handOver: HandOver<Message> | null = null;
  private old: Link | null = null;
  private successor: Link | null = null;
  private marker = '';
  private markers = 0;
  private promoted = false;
  /** Whether the old link listens to the control channel, and did so before its successor listened to anything. */
  private oldHearsMarkers = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly listener: DeskListener,
    /** Milliseconds that a planned hand-over may take. */
    private readonly patience: number,
  ) {}

  /** Before the successor's first SUBSCRIBE is sent. */
  prepare(mode: HandOverMode, old: Link | null, successor: Link): void {
    // One that is left is no planned one: the machine ends a link that has not taken over yet.
    this.expire();
    this.waiting = null;
    if (!old || mode === 'fresh') {
      successor.receive = this.listener.live;
      return;
    }
    if (mode === 'apart') {
      this.keepWaiting(successor);
      return;
    }
    const outlet = (message: Message, late: boolean): void => {
      const receive = late ? this.listener.late(old) : this.listener.live;
      receive(message.kind, message.name, message.channel, message.payload);
    };
    const handOver = mode === 'planned' ? new PlannedHandOver(outlet) : new SuspectedHandOver(outlet);
    this.handOver = handOver;
    this.old = old;
    this.successor = successor;
    this.promoted = false;
    this.oldHearsMarkers = old.sync.control === true;
    this.markers += 1;
    this.marker = `m${String(this.markers)}`;
    old.receive = this.through((message) => {
      handOver.fromOld(message);
    });
    successor.receive = this.through((message) => {
      handOver.fromSuccessor(message);
    });
  }

  promote(mode: HandOverMode, old: Link | null, successor: Link): void {
    if (mode === 'apart' && old) old.receive = this.listener.late(old);
    if (this.waiting?.successor === successor) this.hearWaiting(this.waiting);
    if (this.successor !== successor || !this.handOver) return;
    this.promoted = true;
    this.handOver.promoted();
    if (this.finishIfDone()) return;
    if (!this.oldHearsMarkers || successor.sync.control !== true) {
      this.expire();
      return;
    }
    const expiresAt = performance.now() + this.patience;
    const planned = this.handOver instanceof PlannedHandOver;
    const publish = (): void => {
      if (planned && performance.now() > expiresAt) {
        this.expire();
        return;
      }
      this.listener.publishMarker(successor, this.marker).catch(() => undefined); // repeated below
      this.timer = setTimeout(publish, REPEAT);
    };
    publish();
  }

  /** Something on the control channel; whether it was the marker of this hand-over. */
  hears(link: Link, word: string): boolean {
    if (word !== this.marker || !this.handOver) return word.startsWith('m');
    if (link === this.old) this.handOver.oldMarker();
    if (link === this.successor) this.handOver.successorMarker();
    this.finishIfDone();
    return true;
  }

  /** A link is gone, for whatever reason. */
  ended(link: Link): void {
    if (this.waiting?.successor === link) this.waiting = null;
    if (!this.handOver) return;
    if (link === this.successor) {
      if (this.promoted) {
        // What the old link says next may be what the successor said before it ended.
        this.handOver.expired();
        this.finish();
        return;
      }
      this.handOver.abandoned();
      // What was cut of an old link that goes on lies in no other gap.
      if (this.handOver.cut && this.old?.isDestroyed === false) this.listener.cut();
      if (this.old) this.old.receive = this.listener.live;
      this.leave();
    } else if (link === this.old) {
      this.handOver.oldClosed();
      this.finishOrCatchUp();
    }
  }

  close(): void {
    this.leave();
  }

  private keepWaiting(successor: Link): void {
    const waiting: Waiting = { successor, held: new Held(), overflowed: false };
    this.waiting = waiting;
    successor.receive = (kind, name, channel, payload) => {
      waiting.held.push(messageOf(kind, name, channel, payload));
      while (waiting.held.size > HAND_OVER_CAP) {
        waiting.held.shift();
        waiting.overflowed = true;
      }
    };
  }

  private hearWaiting({ successor, held, overflowed }: Waiting): void {
    this.waiting = null;
    successor.receive = this.listener.live;
    for (const { kind, name, channel, payload } of held.take()) {
      this.listener.live(kind, name, channel, payload);
    }
    if (overflowed) this.listener.cut();
  }

  /** Ends a hand-over that is under way without waiting for the marker. */
  private expire(): void {
    this.handOver?.expired();
    this.finishOrCatchUp();
  }

  /** A successor that still has to read what the old link said last has read it once it answers a PING. */
  private finishOrCatchUp(): void {
    const { handOver, successor } = this;
    if (this.finishIfDone() || !handOver || handOver.done || !successor) return;
    successor.ping().then(
      () => {
        handOver.successorMarker();
        if (this.handOver === handOver) this.finishIfDone();
      },
      () => undefined, // it has ended, and with it the hand-over
    );
  }

  private through(take: (message: Message) => void): Receiver {
    return (kind, name, channel, payload) => {
      take(messageOf(kind, name, channel, payload));
      if (this.handOver?.done === true) this.finishIfDone();
    };
  }

  private finishIfDone(): boolean {
    if (this.handOver?.done !== true || !this.promoted) return false;
    this.finish();
    return true;
  }

  private finish(): void {
    const { handOver, old, successor } = this;
    if (!handOver || !old || !successor) return;
    this.leave();
    successor.receive = this.listener.live;
    old.receive = () => undefined;
    // What a suspected link did not get to say lies in the gap of its silence already.
    if (handOver.cut && handOver instanceof PlannedHandOver) this.listener.cut();
    this.listener.handedOver(old);
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.handOver = null;
    this.old = null;
    this.successor = null;
    this.marker = '';
  }
}

/** What a held message costs beside its bytes, so that a flood of empty ones is bounded too. */
const OVERHEAD = 200;

function messageOf(kind: SubscriptionKind, name: string, channel: Buffer, payload: Buffer): Message {
  const size = channel.length + payload.length + OVERHEAD;
  return { key: keyOf(kind, name), size, kind, name, channel, payload };
}
