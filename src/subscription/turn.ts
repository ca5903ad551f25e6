import { refusedDelay, retryDelay } from './backoff.js';
import type { Effect, Moment } from './events.js';
import type { GapCause } from './gap.js';
import { wanted, type AttemptReason, type CurrentLink, type State, type Verdict } from './state.js';

type Draft = { -readonly [K in keyof State]: State[K] };

/** One step of the machine while it is being taken: a copy of the state that may change, and the effects so far. */
export class Turn {
  readonly state: Draft;
  readonly effects: Effect[] = [];
  readonly now: number;
  private readonly random: number;

  constructor(state: State, moment: Moment) {
    this.state = { ...state };
    this.now = moment.now;
    this.random = moment.random;
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  /** A moment within the next `milliseconds`. */
  within(milliseconds: number): number {
    return this.now + this.random * milliseconds;
  }

  change(current: CurrentLink, change: Partial<CurrentLink>): void {
    this.state.current = { ...current, ...change };
  }

  openGap(cause: GapCause, from: number): void {
    const { gap } = this.state;
    if (!gap) {
      this.state.gap = { cause, from };
      this.emit({ type: 'openGap', cause, from });
    } else if (from < gap.from) {
      this.state.gap = { ...gap, from };
      this.emit({ type: 'widenGap', from });
    }
  }

  closeGap(kept: number | null): void {
    if (!this.state.gap) return;
    this.state.gap = null;
    this.emit({ type: 'closeGap', to: this.now, kept });
  }

  pass(verdict: Verdict, from: number): void {
    const { current } = this.state;
    if (!current) return;
    if (current.verdicts[verdict] === undefined) {
      this.change(current, { verdicts: { ...current.verdicts, [verdict]: this.now } });
      this.retryNow();
    }
    this.openGap(verdict, from);
  }

  lift(verdict: Verdict): void {
    const { current } = this.state;
    if (current?.verdicts[verdict] === undefined) return;
    const { [verdict]: _, ...verdicts } = current.verdicts;
    this.change(current, { verdicts });
    if (Object.keys(verdicts).length > 0) return;
    this.closeGap(null);
    this.abandonNeedlessAttempt();
  }

  abandonNeedlessAttempt(): void {
    if (wanted(this.state) === null) this.putAway();
  }

  putAway(): void {
    const { attempt } = this.state;
    if (!attempt) return;
    this.state.attempt = null;
    this.state.putAway += 1;
    this.emit({ type: 'abandon', link: attempt.id, why: 'needless' });
  }

  /** Something new is known: try at once instead of waiting out a delay. */
  retryNow(): void {
    this.state.failures = 0;
    this.state.retryAt = this.now;
  }

  retryLater(refused: boolean): void {
    const { config, failures } = this.state;
    const delay = refused ? refusedDelay(this.random, config) : retryDelay(failures, this.random, config);
    this.state.failures = failures + 1;
    this.state.retryAt = this.now + delay;
  }

  open(reason: AttemptReason, server: string): void {
    const id = this.state.links + 1;
    this.state.links = id;
    this.state.attempt = {
      id,
      server,
      reason,
      openedAt: this.now,
      progressAt: this.now,
      takeOver: null,
      standby: null,
    };
    this.emit({ type: 'open', link: id, server, reason });
  }

  /** Ends an attempt that led to nothing. The link we hold, if any, gets its voice back. */
  attemptFailed(refused: boolean): void {
    const { attempt } = this.state;
    if (!attempt) return;
    if (attempt.reason === 'candidate') {
      // It is still a replica, most likely, and a master in a moment.
      this.putAway();
      this.state.retryAt = this.within(this.state.config.maxDelay / 2);
      return;
    }
    this.state.attempt = null;
    this.emit({ type: 'abandon', link: attempt.id, why: 'failed' });
    this.missedStart();
    this.retryLater(refused);
  }

  /** The Sentinels have decided, or do not: it was an offer and no more. */
  forgetCandidate(): void {
    this.state.candidate = null;
    if (this.state.attempt?.reason === 'candidate') this.putAway();
  }

  /** Redis was not there when it was asked for the first time. */
  missedStart(): void {
    const { current, gap, startedAt } = this.state;
    if (!current && !gap) this.openGap('start', startedAt);
  }

  /** Closes the link that delivers, before another one does. What it heard since it was verified last may be lost. */
  endCurrent(cause: GapCause): void {
    const { current, attempt } = this.state;
    if (!current) return;
    this.openGap(cause, attempt?.takeOver?.heldSince ?? current.verifiedAt);
    this.state.current = null;
    this.state.rotating = false;
    this.state.canary = null;
    this.emit({ type: 'destroy', link: current.id });
  }

  /** Closes an old link whose late messages were welcome. */
  endKept(): void {
    const { kept } = this.state;
    if (!kept) return;
    this.state.kept = null;
    this.emit({ type: 'destroy', link: kept.id });
    this.emit({ type: 'settle', kept: kept.id });
  }
}
