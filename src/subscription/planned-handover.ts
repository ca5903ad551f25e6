import { HAND_OVER_CAP, type HandOver, type Heard, type Outlet } from './handover.js';
import { Held } from './held.js';

/**
 * Both links speak: the old one is heard until it reaches the marker, the successor from the marker on. Nothing is
 * late and nothing changes its order. Where the old link ends short of the marker, the successor is heard from the
 * moment on at which it has surely read what the old one said.
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
    if (!this.oldEnded) this.endOld(true);
  }

  abandoned(): void {
    this.after.take();
    this.done = true;
  }

  expired(): void {
    if (!this.oldEnded) this.endOld(true);
  }

  private endOld(cut: boolean): void {
    this.oldEnded = true;
    this.cut ||= cut;
    for (const message of this.after.take()) this.outlet(message, false);
    this.done = this.successorSpeaks;
  }
}
