import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import type { Gap } from '../subscription/gap.js';
import type { MaxSilence } from './max-silence.js';
import type { Snapshot } from './snapshot.js';

/** An overflow that lasts. */
export interface LocalGap {
  /** Counts messages that this process dropped. @param count default 1 */
  drop(count?: number): void;
  close(): void;
}

interface Sources {
  snapshot(): Snapshot;
  maxSilence(): MaxSilence;
  rotate(): Promise<void>;
  openGap(cause: 'overflow', patterns: readonly string[], from: number): LocalGap;
}

/** What this instance knows about its own hearing. */
export class RedisResilientMonitor {
  /** Each change of state; begins with the present one. Completes when the instance is closed. */
  readonly status$: Observable<Snapshot>;
  /** Each moment of each gap: `open`, `closed` (live again), `settled` (the old link ended). */
  readonly gaps$: Observable<Gap>;
  private readonly status: BehaviorSubject<Snapshot>;
  private readonly gaps = new Subject<Gap>();

  constructor(private readonly sources: Sources) {
    this.status = new BehaviorSubject(sources.snapshot());
    this.status$ = this.status.asObservable();
    this.gaps$ = this.gaps.asObservable();
  }

  /** The longest time in milliseconds that each kind of deafness can go unnoticed under this configuration. */
  get maxSilence(): MaxSilence {
    return this.sources.maxSilence();
  }

  /** The state at this moment. */
  snapshot(): Snapshot {
    return this.sources.snapshot();
  }

  /**
   * Replaces the link by a new one, with connection options asked for anew, without missing or doubling a message.
   * Resolves once the new link is live and the old one ended.
   */
  rotate(): Promise<void> {
    return this.sources.rotate();
  }

  /** @internal Reports messages that this process drops itself, the first of which had come at `from`. */
  openGap(cause: 'overflow', patterns: readonly string[], from: number): LocalGap {
    return this.sources.openGap(cause, patterns, from);
  }

  /** @internal */
  changed(): void {
    this.status.next(this.sources.snapshot());
  }

  /** @internal */
  reportGap(gap: Gap): void {
    this.gaps.next(gap);
  }

  /** @internal */
  complete(): void {
    this.status.complete();
    this.gaps.complete();
  }
}
