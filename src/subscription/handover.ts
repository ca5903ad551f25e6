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

/** A queue that knows its size in bytes. */
class Held<M extends Heard> {
  private messages: M[] = [];
  size = 0;

  get length(): number {
    return this.messages.length;
  }

  push(message: M): void {
    this.messages.push(message);
    this.size += message.size;
  }

  shift(): M | undefined {
    const message = this.messages.shift();
    if (message) this.size -= message.size;
    return message;
  }

  take(): readonly M[] {
    const { messages } = this;
    this.messages = [];
    this.size = 0;
    return messages;
  }
}

/**
 * The old link may never speak again: the successor is heard at once, and the old link, should it speak, through a
 * delay line of k messages per subscription. What leaves the line is late.
 */
export class SuspectedHandOver<M extends Heard> implements HandOver<M> {
  /** What the successor heard before all its subscriptions were acknowledged. */
  private readonly early = new Held<M>();
  /** What the old link said before k was known, in order. */
  private readonly line = new Held<M>();
  /** What is left of the line once k is known: at most the last k of each subscription. */
  private readonly tails = new Map<string, Held<M>>();
  private readonly counts = new Map<string, number>();
  private live = false;
  private counted = false;
  private oldEnded = false;
  done = false;
  cut = false;

  constructor(
    private readonly outlet: Outlet<M>,
    private readonly cap: number = HAND_OVER_CAP,
  ) {}

  fromOld(message: M): void {
    if (this.done || this.oldEnded) return;
    if (this.counted) {
      this.delay(message);
      return;
    }
    this.line.push(message);
    if (this.line.size > this.cap) this.end(true);
  }

  fromSuccessor(message: M): void {
    if (!this.live) {
      this.early.push(message);
      // They stay counted, or their doubles would be let through; what is lost lies before the acknowledgement.
      while (this.early.size > this.cap) this.count(this.early.shift());
      return;
    }
    if (!this.counted) this.count(message);
    this.outlet(message, false);
  }

  promoted(): void {
    this.live = true;
    for (const message of this.early.take()) this.fromSuccessor(message);
  }

  successorMarker(): void {
    if (this.counted) return;
    this.counted = true;
    for (const message of this.line.take()) this.delay(message);
    if (this.oldEnded) this.end(false);
  }

  oldMarker(): void {
    this.oldEnded = true;
    if (this.counted) this.end(false);
  }

  oldClosed(): void {
    // Short of the marker nobody can tell the doubles in the line from the rest.
    if (!this.oldEnded) this.end(true);
  }

  abandoned(): void {
    this.early.take();
    for (const message of this.line.take()) this.outlet(message, false);
    this.done = true;
  }

  expired(): void {
    if (!this.done) this.end(true);
  }

  private count(message: M | undefined): void {
    if (message) this.counts.set(message.key, (this.counts.get(message.key) ?? 0) + 1);
  }

  private delay(message: M): void {
    const delayed = this.counts.get(message.key) ?? 0;
    if (delayed === 0) {
      this.outlet(message, true);
      return;
    }
    let tail = this.tails.get(message.key);
    if (!tail) this.tails.set(message.key, (tail = new Held<M>()));
    tail.push(message);
    const oldest = tail.length > delayed ? tail.shift() : undefined;
    if (oldest) this.outlet(oldest, true);
  }

  private end(cut: boolean): void {
    this.line.take();
    this.tails.clear();
    this.cut ||= cut;
    this.done = true;
  }
}

/**
 * Both links speak: the old one is heard until it reaches the marker, the successor from the marker on. Nothing is
 * late and nothing changes its order.
 */
export class PlannedHandOver<M extends Heard> implements HandOver<M> {
  private readonly after = new Held<M>();
  private successorSpeaks = false;
  private oldEnded = false;
  done = false;
  cut = false;

  constructor(
    private readonly outlet: Outlet<M>,
    private readonly cap: number = HAND_OVER_CAP,
  ) {}

  fromOld(message: M): void {
    if (!this.oldEnded) this.outlet(message, false);
  }

  fromSuccessor(message: M): void {
    if (this.oldEnded && this.successorSpeaks) {
      this.outlet(message, false);
    } else if (this.successorSpeaks) {
      this.after.push(message);
      if (this.after.size > this.cap) this.endOld(true);
    }
  }

  promoted(): void {
    // Nothing changes before the marker.
  }

  successorMarker(): void {
    this.successorSpeaks = true;
    this.done = this.oldEnded;
  }

  oldMarker(): void {
    if (!this.oldEnded) this.endOld(false);
  }

  oldClosed(): void {
    if (!this.oldEnded) this.cutShort();
  }

  abandoned(): void {
    this.after.take();
    this.done = true;
  }

  expired(): void {
    if (!this.done) this.cutShort();
  }

  private cutShort(): void {
    this.successorSpeaks = true;
    this.endOld(true);
  }

  private endOld(cut: boolean): void {
    this.oldEnded = true;
    this.cut ||= cut;
    for (const message of this.after.take()) this.outlet(message, false);
    this.done = this.successorSpeaks;
  }
}
