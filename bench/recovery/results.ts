import { COMPETITORS } from './competitors.js';
import type { Outcome } from './measure.js';
import { spreadOf, type Spread } from '../shared/spread.js';

/** One fault of one round. */
export interface FaultRun {
  fault: string;
  /** Seconds of the longest time in which no server accepted a message: nobody can be deaf for less. */
  mute: number;
  /** By the key of the competitor. */
  outcomes: Record<string, Outcome>;
}

/** What a whole run of the bench has measured. */
export interface Results {
  rounds: number;
  /** Seconds for which the host is cut off. */
  cutOff: number;
  versions: Record<string, string>;
  runs: FaultRun[];
}

/** What a fault did to one competitor, over the rounds. */
export interface Cell {
  deaf: Spread;
  lost: Spread;
  late: Spread;
  twice: Spread;
  /** How the process ended, one entry per round in which it did. */
  died: string[];
}

/** What one fault did to everybody. */
export interface Row {
  fault: string;
  mute: Spread;
  cells: Cell[];
}

/** One row per fault, in the order in which they were measured; one cell per competitor. */
export function rowsOf({ runs }: Pick<Results, 'runs'>): Row[] {
  return [...new Set(runs.map(({ fault }) => fault))].map((fault) => {
    const rounds = runs.filter((run) => run.fault === fault);
    return {
      fault,
      mute: spreadOf(rounds.map(({ mute }) => mute)),
      cells: COMPETITORS.map(({ key }) => cellOf(rounds.flatMap(({ outcomes }) => outcomes[key] ?? []))),
    };
  });
}

function cellOf(outcomes: Outcome[]): Cell {
  const spread = (quantity: (outcome: Outcome) => number) => spreadOf(outcomes.map(quantity));
  return {
    deaf: spread(({ deaf }) => deaf),
    lost: spread(({ lost }) => lost),
    late: spread(({ late }) => late),
    twice: spread(({ twice }) => twice),
    died: outcomes.flatMap(({ died }) => died ?? []),
  };
}

/** Results as JSON, which has no Infinity. */
export function serialise(results: Results): string {
  return JSON.stringify(results, (_key, value: unknown) => (value === Infinity ? 'never' : value), 2);
}

/** @throws SyntaxError where it is no JSON. */
export function deserialise(json: string): Results {
  return JSON.parse(json, (_key, value: unknown) => (value === 'never' ? Infinity : value)) as Results;
}
