import type { Effect, MachineEvent } from '../../src/subscription/events.js';
import { nextWake } from '../../src/subscription/schedule.js';
import type { State } from '../../src/subscription/state.js';

interface Step {
  readonly before: State;
  readonly event: MachineEvent;
  readonly after: State;
  readonly effects: readonly Effect[];
  readonly now: number;
}

/** What must hold after each step of the machine, whatever came before. */
export class MachineRules {
  private opened = 0;
  private readonly ended = new Set<number>();
  private gapOpen = false;
  private readonly unsettled = new Set<number>();

  check(step: Step): void {
    for (const effect of step.effects) {
      this.checkLinks(effect);
      this.checkGaps(effect);
    }
    this.checkHeld(step);
    this.checkTrust(step);
    checkPatience(step);
    if (step.before.phase !== 'closed') return;
    must(step.effects.length === 0 && step.after === step.before, 'closed is final');
  }

  private checkLinks(effect: Effect): void {
    if (effect.type === 'open') {
      this.opened += 1;
      must(effect.link === this.opened, 'links are numbered as they are opened');
    } else if (effect.type === 'destroy' || effect.type === 'abandon') {
      must(effect.link <= this.opened && !this.ended.has(effect.link), 'a link is ended once');
      this.ended.add(effect.link);
    } else if ('link' in effect) {
      must(!this.ended.has(effect.link), 'nothing is asked of a link that is ended');
    }
  }

  private checkGaps(effect: Effect): void {
    if (effect.type === 'openGap') {
      must(!this.gapOpen, 'one gap at a time');
      this.gapOpen = true;
    } else if (effect.type === 'widenGap') {
      must(this.gapOpen, 'only an open gap is widened');
    } else if (effect.type === 'closeGap') {
      must(this.gapOpen, 'only an open gap is closed');
      this.gapOpen = false;
      if (effect.kept !== null) this.unsettled.add(effect.kept);
    } else if (effect.type === 'settle') {
      must(this.ended.has(effect.kept), 'a gap is settled when its old link has ended');
      this.unsettled.delete(effect.kept);
    }
  }

  private checkHeld({ after: { current, attempt, kept } }: Step): void {
    const held = [current, attempt, kept].flatMap((link) => (link ? [link.id] : []));
    must(new Set(held).size === held.length, 'a link has one part to play');
    must(!held.some((link) => this.ended.has(link)), 'what is held is not ended');
    must(held.length + this.ended.size === this.opened, 'what is not held is ended');
    must(
      [...this.unsettled].every((link) => link === kept?.id),
      'a gap waits for a link that is kept',
    );
  }

  private checkTrust({ after: { phase, current, gap, target, rotating } }: Step): void {
    must(this.gapOpen === (gap !== null), 'the gap of the state is the one that was told');
    if (phase === 'closed') return;
    if (!current) return must(!rotating, 'nothing is rotated where there is no link');
    const condemned = Object.keys(current.verdicts).length > 0;
    must(condemned === (gap !== null), 'a gap is open exactly while the link is condemned');
    const elsewhere = current.server !== target;
    must(elsewhere === (current.verdicts.failover !== undefined), 'the link goes to the target');
  }
}

/** It never gives up, and never waits longer than it should. */
function checkPatience({ after, now }: Step): void {
  const { config, phase, current, attempt, target, retryAt } = after;
  const due = nextWake(after);
  if (phase === 'closed' || phase === 'idle') return must(due === null, 'who rests wants no wake');
  const longest = now + Math.max(config.maxDelay, config.refusedDelay);
  must(retryAt <= longest, 'delays are bounded');
  if (attempt) {
    const deadline = Math.max(attempt.progressAt + config.timeout, after.graceUntil);
    const end = attempt.standby ? (after.candidate?.until ?? now) : deadline;
    must(due !== null && due <= end, 'an attempt has a deadline');
    const offered = attempt.reason === 'candidate' ? after.candidate?.server : target;
    must(attempt.server === offered || attempt.server === target, 'an attempt goes to the target');
  } else if (phase === 'running' && target !== null) {
    const doubted = !current || current.suspect || Object.keys(current.verdicts).length > 0;
    must(!doubted || (due !== null && due <= longest), 'it never gives up');
  }
}

function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken rule: ${rule}`);
}
