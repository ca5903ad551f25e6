import fc from 'fast-check';
import type { InventedLab } from './invented-lab.js';

const KINDS = [
  ...['silence', 'silenceUp', 'silenceDown', 'close', 'freeze', 'die', 'refuse', 'deafen'],
  ...['failover', 'handBack', 'demote', 'stall', 'rotate', 'nominate'],
] as const;

/** All that may overlap. A link that is replaced before a canary could tell leaves no trace of having been deaf. */
export const OVERLAPPING = KINDS.filter((kind) => kind !== 'deafen');

/** Milliseconds, at least. */
const BETWEEN_FAILOVERS = 1000;
/** Milliseconds after which a rotation is through. */
const QUIET = 3000;
/** Milliseconds within which a canary tells. */
const CANARY = 8000;

export interface Fault {
  readonly kind: (typeof KINDS)[number];
  /** Milliseconds after the one before. */
  readonly after: number;
  /** Milliseconds until it is healed, where it can be. */
  readonly lasts: number;
}

const milliseconds = (most: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: most }));

/** A series of faults, overlapping ones too. */
export const anyFaults = (...kinds: readonly Fault['kind'][]): fc.Arbitrary<readonly Fault[]> =>
  fc.array(
    fc.record({ kind: fc.constantFrom(...kinds), after: milliseconds(3000), lasts: milliseconds(6000) }),
    { minLength: 1, maxLength: 6 },
  );

/** Puts a lab through a fault, and sees to it that it is healed in time. */
export function strike(lab: InventedLab, { kind, lasts }: Fault): void {
  const { current } = lab;
  const server = lab.servers[lab.named];
  const later = (heal: () => void): void => lab.time.after(lasts, heal);
  const other = lab.named === 'a' ? 'b' : 'a';
  switch (kind) {
    case 'silence':
    case 'silenceUp':
    case 'silenceDown':
      for (const pipe of [current?.up, current?.down]) {
        if (!pipe || (kind === 'silenceUp' && pipe === current?.down)) continue;
        if (kind === 'silenceDown' && pipe === current?.up) continue;
        pipe.block();
        later(() => pipe.heal());
      }
      return;
    case 'close':
      return lab.closeLink(current);
    case 'deafen':
      lab.run(QUIET);
      lab.current?.keys.clear();
      return lab.run(CANARY);
    case 'freeze':
      server.freeze();
      return later(() => server.thaw());
    case 'die':
      lab.die(server);
      return later(() => (server.isDead = false));
    case 'refuse':
      server.refuses = true;
      return later(() => (server.refuses = false));
    case 'failover':
      // The old master goes on as if nothing had been.
      return lab.name(other);
    case 'nominate':
      // A majority names it later, or never.
      later(() => lab.name(other));
      return lab.time.onClient(() => lab.dispatch({ type: 'candidate', server: other }));
    case 'handBack':
      lab.name(other);
      return lab.time.after(lasts + BETWEEN_FAILOVERS, () => lab.name(other === 'a' ? 'b' : 'a'));
    case 'demote':
      // What was not handled of it is closed by Redis in the same moment.
      lab.servers[other].isMaster = false;
      for (const link of [...lab.servers[other].links]) lab.closeLink(link);
      return later(() => (lab.servers[other].isMaster = true));
    case 'stall':
      return lab.time.stall(lasts);
    case 'rotate':
      return lab.dispatch({ type: 'rotate' });
  }
}
