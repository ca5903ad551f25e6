/** What can be done to a running system. */
export const FAULT_KINDS = [
  'pubsub-killed',
  'killed',
  'frozen',
  'failover',
  'black-hole',
  'forgotten',
  'reset',
  'fin',
  'refused',
  'delayed',
  'isolated',
  'cut-off',
  'sentinel-frozen',
  'sentinel-killed',
  'sentinel-unreachable',
  'permission-taken',
  'loop-blocked',
  'rotated',
  'burst',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault of a series. Times are in milliseconds. */
export interface Fault {
  kind: FaultKind;
  /** When it strikes, after the beginning of the series. */
  at: number;
  /** For how long it lasts; 0: it is over as soon as it has struck. */
  lasts: number;
  /** Which server: the one that a majority of the Sentinels names when it strikes, or the one with that index. */
  on: 'master' | number;
  /** How many milliseconds, messages or Sentinels, where the kind asks for a number. */
  amount?: number;
  direction?: 'both' | 'toServer' | 'toClient';
  connections?: 'open' | 'all';
}

/** One line. */
export function describeFault({ kind, at, lasts, on, amount, direction, connections }: Fault): string {
  const words = [
    `${(at / 1_000).toFixed(2).padStart(6)} s  ${kind}`,
    on === 'master' ? on : `#${on}`,
    ...(lasts > 0 ? [`for ${(lasts / 1_000).toFixed(2)} s`] : []),
    ...(amount === undefined ? [] : [String(amount)]),
    ...(direction === undefined ? [] : [direction]),
    ...(connections === undefined ? [] : [`${connections} connections`]),
  ];
  return words.join(' ');
}
