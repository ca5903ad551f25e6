import type { DeafnessByCause } from './deafness.js';
import type { Fault } from './fault.js';
import type { Resources } from './resources.js';

/** What one run is told to do. */
export interface SoakOrder {
  seed: number;
  /** The series of faults, one after another, on one and the same system. */
  series: Fault[][];
  /** Milliseconds for which faults may begin in each series. */
  length: number;
  /** Takes the delay line and the marker out of every hand-over, to see whether the check finds out. */
  withoutHandOver?: boolean;
}

/** How one series went. */
export interface SeriesResult {
  published: number;
  covered: number;
  handled: number;
  late: number;
  /** Covered messages that lie in a gap and were not handled by all. */
  excused: number;
  gaps: number;
  /** Milliseconds after everything was whole: Redis, and then the engine. */
  redisTook: number;
  engineTook: number;
  violations: string[];
  notes: string[];
  /** What the check finds in the same account when it is falsified; it must find each of these. */
  controls: { withoutGaps: number; oneSwallowed: number; oneDoubled: number };
  /** What the engine logged. */
  lines: string[];
}

/** How one run went. */
export interface SoakResult {
  seed: number;
  series: SeriesResult[];
  deafness: DeafnessByCause;
  maxSilence: Partial<Record<string, number | null>>;
  linksMade: number;
  first: Resources;
  last: Resources;
  /** What concerns the run as a whole. */
  violations: string[];
}

/** Everything that must not be, with the index of its series, or -1 for the run as a whole. */
export function allViolations({ series, violations }: SoakResult): { series: number; what: string }[] {
  return [
    ...series.flatMap((one, index) => one.violations.map((what) => ({ series: index, what }))),
    ...violations.map((what) => ({ series: -1, what })),
  ];
}
