import { HAND_OVER_CAP, type HandOver, type Heard, type Outlet } from './handover.js';
import { Held } from './held.js';

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
  /** Bytes in all tails together. */
  private tailSize = 0;
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
    if (this.counted) this.delay(message);
    else this.line.push(message);
    if (this.line.size + this.tailSize > this.cap) this.end(true);
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
    this.tailSize += message.size;
    const oldest = tail.length > delayed ? tail.shift() : undefined;
    if (!oldest) return;
    this.tailSize -= oldest.size;
    this.outlet(oldest, true);
  }

  private end(cut: boolean): void {
    this.line.take();
    this.tails.clear();
    this.cut ||= cut;
    this.done = true;
  }
}
