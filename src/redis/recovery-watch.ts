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

/**
 * The machine's own timer is never so many milliseconds late while the process works: an event loop that stalls for so long
 * answers no probe either.
 */
const STUCK = 10_000;
/** Independent clients that must have heard in a row: the first may have come just before our own next attempt. */
const OPINIONS = 2;

const UP: RecoveryVerdict = { up: true, reason: null };

/**
 * Judges the recovery itself. Redis being away, a permission taken or a full server are met by trying again, which a
 * restart would not do better; so it is called for only where somebody else hears what we do not, twice, and far enough apart
 * for the recovery to have tried meanwhile.
 */
export class RecoveryWatch {
  private askedAt = -Infinity;
  /** How often in a row somebody else heard while we did not. */
  private heardElsewhere = 0;

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
    if (!this.isDeaf()) {
      this.heardElsewhere = 0;
      return UP;
    }
    if (now - this.askedAt >= twoAttempts(state)) this.ask(now);
    if (this.heardElsewhere < OPINIONS) return UP;
    return {
      up: false,
      reason: 'an independent connection may subscribe to everything, and this one does not recover',
    };
  }

  private isDeaf(): boolean {
    return this.sources.deafFor() > this.grace;
  }

  private ask(now: number): void {
    this.askedAt = now;
    void this.sources.secondOpinion().then((hears) => {
      this.heardElsewhere = hears && this.isDeaf() ? this.heardElsewhere + 1 : 0;
    });
  }
}

/** How long the recovery needs at most to try twice, in milliseconds. */
function twoAttempts({ config }: State): number {
  return 2 * (Math.max(config.maxDelay, config.refusedDelay) + config.timeout);
}
