import fc from 'fast-check';
import type { MachineEvent } from '../../src/subscription/events.js';
import type { MachineConfig } from '../../src/subscription/state.js';
import { MachineDriver } from './machine-driver.js';

/** Any options that `resolveOptions` lets through. */
export const anyConfig: fc.Arbitrary<MachineConfig> = fc
  .record({
    interval: fc.integer({ min: 20, max: 5000 }),
    suspectAfter: fc.integer({ min: 20, max: 3000 }),
    beyond: fc.integer({ min: 0, max: 4000 }),
    canary: fc.option(
      fc.record({
        interval: fc.integer({ min: 20, max: 9000 }),
        timeout: fc.integer({ min: 20, max: 5000 }),
      }),
    ),
    minDelay: fc.integer({ min: 20, max: 300 }),
    more: fc.integer({ min: 0, max: 2000 }),
    refusedDelay: fc.integer({ min: 20, max: 5000 }),
    keepFor: fc.integer({ min: 1, max: 60_000 }),
    standby: fc.integer({ min: 1, max: 20_000 }),
  })
  .map(({ beyond, more, ...rest }) => ({
    ...rest,
    timeout: rest.suspectAfter + beyond,
    maxDelay: rest.minDelay + more,
  }));

const ANY_DEED = [
  ...[
    'pong',
    'pong',
    'bytes',
    'stall',
    'subscribing',
    'subscribing',
    'progress',
    'live',
    'live',
    'live',
    'failed',
    'closed',
  ],
  ...[
    'role',
    'control',
    'target',
    'candidate',
    'agreed',
    'untargeted',
    'rotate',
    'handedOver',
    'heard',
    'nothing',
  ],
  ...['canaryPublished', 'canaryFailed', 'canaryReturned', 'canaryPong'],
] as const;

interface Deed {
  readonly what: (typeof ANY_DEED)[number];
  readonly after: number;
  /** Which link it concerns: mostly the one that it would concern in truth. */
  readonly whose: 'right' | 'other';
  readonly yes: boolean;
  readonly random: number;
}

export type Script = readonly Deed[];

/** Anything that may happen to a machine, plausible or not, from its start on. */
export const anyScript: fc.Arbitrary<Script> = fc.array(
  fc.record({
    what: fc.constantFrom(...ANY_DEED),
    after: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 4000 })),
    whose: fc.constantFrom('right', 'right', 'right', 'other'),
    yes: fc.boolean(),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60 },
);

/** A driver whose chance follows the script. */
export function driverFor(config: MachineConfig, script: Script): MachineDriver {
  let drawn = 0;
  const random = (): number => script[(drawn += 1) % Math.max(1, script.length)]?.random ?? 0.5;
  return new MachineDriver(config, random);
}

/** Plays a script from the start on. */
export function play(driver: MachineDriver, script: Script): MachineDriver {
  driver.start();
  for (const deed of script) perform(driver, deed);
  return driver;
}

/** Plays a script and then brings a link to life, if none is left. */
export function playToLive(driver: MachineDriver, script: Script): MachineDriver {
  play(driver, script);
  if (!driver.state.current) driver.becomeLive();
  return driver;
}

function perform(driver: MachineDriver, deed: Deed): void {
  if (deed.what === 'stall') driver.stall(deed.after);
  else driver.pass(deed.after);
  if (deed.what === 'bytes') driver.bytes();
  const event = eventOf(driver, deed);
  if (event) driver.tell(event);
}

function eventOf({ state, now }: MachineDriver, deed: Deed): MachineEvent | null {
  const { current, attempt, kept, canary } = state;
  const stranger = deed.random < 0.5 ? state.links + 1 : Math.floor(deed.random * state.links);
  const link = (of: { readonly id: number } | null): number =>
    deed.whose === 'right' && of ? of.id : stranger;
  const nonce = deed.whose === 'right' && canary ? canary.nonce : state.canaryNonce - 1;
  switch (deed.what) {
    case 'stall':
    case 'bytes':
    case 'nothing':
      return null;
    case 'pong':
      return { type: 'pong', link: link(current), sentAt: current?.pingAt ?? now - deed.after };
    case 'heard':
      return { type: 'heard', link: link(deed.yes ? current : attempt) };
    case 'subscribing':
      return { type: 'subscribing', link: link(attempt) };
    case 'progress':
      return { type: 'progress', link: link(attempt) };
    case 'live':
      return { type: 'live', link: link(attempt), control: deed.random < 0.9 };
    case 'failed':
      return { type: 'failed', link: link(attempt), refused: deed.yes };
    case 'closed':
      return { type: 'closed', link: link([current, attempt, kept][Math.floor(deed.random * 3)] ?? null) };
    case 'role':
      return { type: 'role', link: link(deed.random < 0.7 ? current : kept), master: deed.yes, askedAt: now };
    case 'control':
      return { type: 'control', link: link(current), usable: deed.yes };
    case 'target':
      return { type: 'target', server: deed.yes ? 'a' : 'b' };
    case 'candidate':
      return { type: 'candidate', server: deed.yes ? 'b' : 'c' };
    case 'agreed':
      return { type: 'agreed', at: now - deed.random * 100 };
    case 'untargeted':
    case 'rotate':
      return { type: deed.what };
    case 'handedOver':
      return { type: 'handedOver', link: link(kept) };
    case 'canaryPublished':
      return { type: 'canaryPublished', nonce, server: deed.yes ? 'a' : 'b' };
    case 'canaryFailed':
      return { type: 'canaryFailed', nonce };
    case 'canaryReturned':
    case 'canaryPong':
      return { type: deed.what, nonce, link: link(current) };
  }
}
