/** What became of the numbered messages of the last minutes. Times are milliseconds of `performance.now()`. */
export class Tally {
  /** How many messages Redis accepted, of all time. */
  accepted = 0;
  /** How many reached the handler, of all time. */
  heard = 0;
  /** How many reached it more than once. */
  twice = 0;
  /** The highest number that Redis accepted. */
  lastNumber = 0;
  private readonly acceptances = new Map<number, number>();
  private readonly hearings = new Map<number, { readonly at: number; readonly late: boolean }>();

  accept(number: number): void {
    if (this.acceptances.has(number)) return;
    this.accepted += 1;
    this.lastNumber = Math.max(this.lastNumber, number);
    this.acceptances.set(number, performance.now());
  }

  hear(number: number, late: boolean): void {
    if (this.hearings.has(number)) {
      this.twice += 1;
      return;
    }
    // Whether its publisher has been told or not.
    this.accept(number);
    this.heard += 1;
    this.hearings.set(number, { at: performance.now(), late });
  }

  /** Forgets the messages of before that moment; the counters stay. */
  forget(before: number): void {
    for (const [number, at] of this.acceptances) {
      if (at >= before) break;
      this.acceptances.delete(number);
      this.hearings.delete(number);
    }
  }

  /** Milliseconds since a message came that was not late, `undefined` where none came yet. */
  get silentFor(): number | undefined {
    const last = this.onTime().at(-1);
    return last === undefined ? undefined : performance.now() - last;
  }

  /** Whether a message with a higher number came, and not late. */
  hasHeardAfter(number: number): boolean {
    return [...this.hearings].some(([one, { late }]) => one > number && !late);
  }

  /** When the first message came since that moment that was not late; `Infinity` where none has. */
  firstHeardSince(from: number): number {
    return this.onTime().find((at) => at >= from) ?? Infinity;
  }

  /** How many messages were accepted in that time. */
  acceptedWithin(from: number, to: number): number {
    return [...this.acceptances.values()].filter((at) => at >= from && at <= to).length;
  }

  /** When the messages of that time were accepted that never came. */
  missingWithin(from: number, to: number): number[] {
    return [...this.acceptances]
      .filter(([number, at]) => at >= from && at <= to && !this.hearings.has(number))
      .map(([, at]) => at);
  }

  /** How many came late in that time: over the old link, when its successor was there already. */
  lateWithin(from: number, to: number): number {
    return [...this.hearings.values()].filter(({ at, late }) => late && at >= from && at <= to).length;
  }

  /** The longest time between two messages that were not late, from the last one before that moment on. */
  longestSilence(from: number): number {
    const times = this.onTime();
    const first = Math.max(
      0,
      times.findLastIndex((at) => at <= from),
    );
    const gaps = times.slice(first + 1).map((at, index) => at - (times[first + index] ?? at));
    return Math.max(0, ...gaps);
  }

  /** One sign for each stretch of time: whether something came, was only published, or neither. */
  strip(from: number, to: number, step: number, signs: StripSigns): string {
    const slotOf = (at: number): number => Math.floor((at - from) / step);
    const heard = new Set(this.onTime().map(slotOf));
    const accepted = new Set([...this.acceptances.values()].map(slotOf));
    return Array.from({ length: Math.max(0, slotOf(to)) }, (_, slot) => {
      if (heard.has(slot)) return signs.heard;
      return accepted.has(slot) ? signs.deaf : signs.calm;
    }).join('');
  }

  private onTime(): number[] {
    return [...this.hearings.values()].filter(({ late }) => !late).map(({ at }) => at);
  }
}

/** How a strip shows a stretch of time. */
export interface StripSigns {
  /** Messages came. */
  readonly heard: string;
  /** Messages were published, and none came. */
  readonly deaf: string;
  /** Nothing was published. */
  readonly calm: string;
}
