import type { Effect, MachineEvent } from '../../src/subscription/events.js';
import type { Gap } from '../../src/subscription/gap.js';
import { GapLedger } from '../../src/subscription/ledger.js';
import { step } from '../../src/subscription/machine.js';
import { nextWake } from '../../src/subscription/schedule.js';
import { initialState, type MachineConfig, type State } from '../../src/subscription/state.js';
import { MachineRules } from './machine-rules.js';

/** The defaults of the library, and a short keep. */
export const CONFIG: MachineConfig = {
  interval: 1000,
  suspectAfter: 500,
  timeout: 2000,
  canary: { interval: 5000, timeout: 2000 },
  minDelay: 50,
  maxDelay: 500,
  refusedDelay: 2000,
  keepFor: 60_000,
  standby: 10_000,
};

/** More wakes than this at one moment are a busy loop. */
const BUSY = 8;

/** Plays the world around the machine in invented time, and holds every step against the rules. */
export class MachineDriver {
  state: State;
  now = 1000;
  /** When bytes last came on the current link. */
  heardAt: number | null = null;
  readonly effects: Effect[] = [];
  readonly gaps: Gap[] = [];
  private readonly rules = new MachineRules();
  private readonly ledger = new GapLedger((gap) => this.gaps.push(gap));

  constructor(
    readonly config: MachineConfig = CONFIG,
    private readonly random: () => number = () => 0.5,
  ) {
    this.state = initialState(config);
  }

  /** @returns the effects of this one step */
  tell(event: MachineEvent): readonly Effect[] {
    const before = this.state;
    const [after, effects] = step(before, event, { now: this.now, random: this.random() });
    this.state = after;
    if (after.current?.id !== before.current?.id) this.heardAt = null;
    this.effects.push(...effects);
    for (const effect of effects) this.keepAccount(effect);
    this.rules.check({ before, event, after, effects, now: this.now });
    return effects;
  }

  /** The wake that is wanted comes, though perhaps late. */
  wake(): readonly Effect[] {
    const due = nextWake(this.state);
    const lag = due === null ? 0 : Math.max(0, this.now - due);
    return this.tell({ type: 'wake', heardAt: this.heardAt, lag });
  }

  /** Lets time pass; each wake comes at the very moment it is wanted. */
  passUntil(moment: number): void {
    let atOnce = 0;
    for (let due = nextWake(this.state); due !== null && due <= moment; due = nextWake(this.state)) {
      atOnce = due <= this.now ? atOnce + 1 : 0;
      if (atOnce > BUSY) throw new Error(`wakes again and again at ${String(this.now)}`);
      this.now = Math.max(this.now, due);
      this.wake();
    }
    this.now = Math.max(this.now, moment);
  }

  pass(milliseconds: number): void {
    this.passUntil(this.now + milliseconds);
  }

  /** Lets time pass up to the first effect of a kind. */
  passTo<T extends Effect['type']>(type: T): Extract<Effect, { type: T }> {
    const from = this.effects.length;
    for (let steps = 0; steps < 1000; steps += 1) {
      const found = this.effects.slice(from).find((effect) => effect.type === type);
      if (found) return found as Extract<Effect, { type: T }>;
      const due = nextWake(this.state);
      if (due === null) break;
      this.passUntil(due);
    }
    throw new Error(`no ${type} comes`);
  }

  /** The event loop stands still; nothing is told meanwhile. Afterwards sockets are read, then the late wake comes. */
  stall(milliseconds: number, readFirst: () => void = () => undefined): readonly Effect[] {
    this.now += milliseconds;
    readFirst();
    const due = nextWake(this.state);
    return due !== null && due <= this.now ? this.wake() : [];
  }

  /** Bytes came on the current link. As in the supervisor, the machine is told only where it doubts the link. */
  bytes(): void {
    const { current } = this.state;
    if (!current) return;
    this.heardAt = this.now;
    if (current.suspect || current.verdicts.silent !== undefined)
      this.tell({ type: 'heard', link: current.id });
  }

  /** Answers the PING that is under way. */
  pong(): void {
    const { current } = this.state;
    if (!current || current.pingAt === null) throw new Error('no PING is under way');
    this.tell({ type: 'pong', link: current.id, sentAt: current.pingAt });
  }

  start(server = 'a'): this {
    this.tell({ type: 'start' });
    this.tell({ type: 'target', server });
    return this;
  }

  /** Brings the attempt that is under way, or the next one, to life. @returns its id */
  becomeLive(control = true): number {
    if (!this.state.attempt) this.passTo('open');
    const { attempt } = this.state;
    if (!attempt) throw new Error('no attempt is under way');
    if (!attempt.takeOver) this.tell({ type: 'subscribing', link: attempt.id });
    this.tell({ type: 'live', link: attempt.id, control });
    return attempt.id;
  }

  of<T extends Effect['type']>(type: T): readonly Extract<Effect, { type: T }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
  }

  private keepAccount(effect: Effect): void {
    if (effect.type === 'openGap') this.ledger.open('link', effect.cause, effect.from, [], this.now);
    if (effect.type === 'widenGap') this.ledger.widen('link', effect.from);
    if (effect.type === 'closeGap') this.ledger.close('link', effect.to, effect.kept);
    if (effect.type === 'settle') this.ledger.settle(effect.kept);
  }
}

/** Whether the machine has a link that nothing speaks against. */
export function isTrusted({ current }: State): boolean {
  return current !== null && !current.suspect && Object.keys(current.verdicts).length === 0;
}
