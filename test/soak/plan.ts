import type { Fault, FaultKind } from './fault.js';
import { between, oneOf, type Random, seededRandom } from './random.js';

type Range = readonly [from: number, to: number];

/** How a kind of fault is drawn. Times are in milliseconds. */
interface Recipe {
  /** How often it comes, compared with the others. */
  weight: number;
  /** One of these ranges is chosen first, so that short ones are as frequent as long ones. */
  lasts?: readonly [Range, ...Range[]];
  amount?: Range;
  /** A link has directions, and connections that are open already. */
  link?: 'directions' | 'all';
  sentinel?: true;
}

const RECIPES: Readonly<Record<FaultKind, Recipe>> = {
  'pubsub-killed': { weight: 2 },
  killed: {
    weight: 2,
    lasts: [
      [50, 800],
      [2_000, 6_000],
    ],
  },
  frozen: {
    weight: 3,
    lasts: [
      [100, 1_400],
      [2_000, 6_000],
    ],
  },
  failover: { weight: 3 },
  'black-hole': {
    weight: 4,
    lasts: [
      [200, 2_000],
      [2_500, 8_000],
    ],
    link: 'all',
  },
  forgotten: { weight: 2 },
  reset: { weight: 1 },
  fin: { weight: 1 },
  refused: { weight: 2, lasts: [[100, 3_000]] },
  delayed: { weight: 2, lasts: [[500, 5_000]], amount: [1, 200] },
  isolated: {
    weight: 2,
    lasts: [
      [500, 1_500],
      [3_000, 8_000],
    ],
  },
  'cut-off': {
    weight: 2,
    lasts: [
      [300, 2_000],
      [2_500, 7_000],
    ],
    link: 'directions',
  },
  'sentinel-frozen': { weight: 2, lasts: [[500, 8_000]], amount: [1, 2], sentinel: true },
  'sentinel-killed': { weight: 1, lasts: [[100, 4_000]], amount: [1, 2], sentinel: true },
  'sentinel-unreachable': { weight: 2, lasts: [[500, 8_000]], amount: [1, 3], sentinel: true },
  'permission-taken': { weight: 2, lasts: [[300, 4_000]], amount: [0, 1] },
  'loop-blocked': { weight: 2, amount: [150, 4_000] },
  rotated: { weight: 4 },
  burst: { weight: 2, amount: [200, 3_000] },
};

const KINDS = Object.keys(RECIPES) as FaultKind[];
const SHARE_OF_MASTER = 0.8;

/** A series of faults that the seed and the index of the series determine. */
export function planSeries(seed: number, index: number, length: number): Fault[] {
  const random = seededRandom(seed * 1_000 + index);
  const count = between(random, Math.max(2, Math.round(length / 2_500)), Math.round(length / 1_000));
  const faults = Array.from({ length: count }, () => drawFault(random, length));
  return faults.sort((left, right) => left.at - right.at);
}

function drawFault(random: Random, length: number): Fault {
  const kind = drawKind(random);
  const { lasts, amount, link, sentinel } = RECIPES[kind];
  return {
    kind,
    at: between(random, 0, length),
    lasts: lasts ? between(random, ...oneOf(random, lasts)) : 0,
    on: !sentinel && random() < SHARE_OF_MASTER ? 'master' : between(random, 0, 2),
    ...(amount ? { amount: between(random, ...amount) } : {}),
    ...(link ? { direction: oneOf(random, ['both', 'toServer', 'toClient']) } : {}),
    ...(link === 'all' ? { connections: oneOf(random, ['open', 'all']) } : {}),
  };
}

function drawKind(random: Random): FaultKind {
  const total = KINDS.reduce((sum, kind) => sum + RECIPES[kind].weight, 0);
  let rest = random() * total;
  for (const kind of KINDS) {
    rest -= RECIPES[kind].weight;
    if (rest < 0) return kind;
  }
  return 'rotated';
}
