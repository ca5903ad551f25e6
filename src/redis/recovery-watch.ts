import { nextWake } from '../subscription/schedule.js';
import type { State } from '../subscription/state.js';

/** Whether a restart would help, and why. */
export interface RecoveryVerdict {
  readonly up: boolean;
  readonly reason: string | null;
}

interface RecoverySources {
  state(): State;
  /** Milliseconds for which the instance has not been live; 0 while it is. */
  deafFor(): number;
  /** Whether an independent client hears what we do not; never rejects. */
  secondOpinion(): Promise<boolean>;
}

/** A deadline of the machine that is missed by so many milliseconds will not be met any more. */
const STUCK = 10_000;
/** Between two second opinions, in milliseconds. */
const OPINION_EVERY = 10_000;
/** What the recovery gets, after somebody else was seen to hear, before a restart is called for. Milliseconds. */
const HEAD_START = 5000;

const UP: RecoveryVerdict = { up: true, reason: null };

/**
 * Judges the recovery itself. Redis being away, a permission taken or a full server are met by trying again, which a
 * restart would not do better; so it is called for only where somebody else hears what we do not.
 */
export class RecoveryWatch {
  private askedAt = -Infinity;
  /** Since when an independent client is known to hear while we do not. */
  private provenAt: number | null = null;

  constructor(
    private readonly sources: RecoverySources,
    /** Milliseconds of deafness before somebody else is asked. */
    private readonly grace: number,
  ) {}

  /** Answers at once, from what is known; asks for more in the background. */
  verdict(): RecoveryVerdict {
    const state = this.sources.state();
    if (state.phase !== 'running') return UP;
    const now = performance.now();
    const due = nextWake(state);
    if (due !== null && now - due > STUCK) {
      return { up: false, reason: 'the recovery makes no progress' };
    }
    if (this.sources.deafFor() <= this.grace) {
      this.provenAt = null;
      return UP;
    }
    this.ask(now);
    if (this.provenAt === null || now - this.provenAt < HEAD_START) return UP;
    return {
      up: false,
      reason: 'an independent connection may subscribe to everything, and this one does not recover',
    };
  }

  private ask(now: number): void {
    if (now - this.askedAt < OPINION_EVERY) return;
    this.askedAt = now;
    void this.sources.secondOpinion().then((hears) => {
      if (!hears) this.provenAt = null;
      else this.provenAt ??= performance.now();
    });
  }
}
