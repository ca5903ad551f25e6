import type { Effect, MachineEvent } from '../subscription/events.js';
import type { Gap } from '../subscription/gap.js';
import { GapLedger } from '../subscription/ledger.js';
import { statusOf, type State } from '../subscription/state.js';
import { addressKey, type Address } from './address.js';
import type { Journal } from './journal.js';
import type { Link } from './link.js';
import type { LocalGap } from './monitor.js';
import { Permissions } from './permissions.js';
import type { Degradation } from './degradation.js';
import { subscriptionOf } from './subscriptions.js';
import type { SupervisorListener } from './supervisor-parts.js';
import type { TopologyListener } from './topology.js';
import type { Trace } from './trace.js';

interface Audience {
  /** Something changed that a snapshot shows. */
  changed(): void;
  gap(gap: Gap): void;
  stepped(state: State, before: State): void;
  retarget(address: Address): void;
  nominate(address: Address): void;
  tell(event: MachineEvent): void;
}

const LINK = 'link';
const REFUSED = 'refused';
const LOST = 'lost';

/** Collects what happened: gaps, counters, degradations, the last error. It decides nothing. */
export class Report implements SupervisorListener, TopologyListener {
  readonly ledger: GapLedger;
  readonly degradations = new Map<string, Degradation>();
  readonly permissions: Permissions;
  lastError: string | null = null;
  /** Of the last link that delivered, on the monotonic clock; they outlive it. */
  heardAt: number | null = null;
  verifiedAt: number | null = null;
  canaryAt: number | null = null;
  epoch: number | null = null;
  late = 0;
  lateDropped = 0;
  refused: readonly string[] = [];
  private locals = 0;
  /** In a row. */
  private failedCanaries = 0;
  private readonly noControl: Degradation;

  constructor(
    private readonly journal: Journal,
    private readonly trace: Trace,
    controlPrefix: string,
    private readonly audience: Audience,
  ) {
    this.noControl = noControl(controlPrefix);
    this.permissions = new Permissions(controlPrefix, (permission, degradation) => {
      this.degrade(permission, degradation);
    });
    this.ledger = new GapLedger((gap) => {
      journal.gap(gap);
      trace.gap(gap);
      audience.gap(gap);
    });
  }

  stepped(state: State, before: State, event: MachineEvent, effects: readonly Effect[]): void {
    this.trace.step(state, before, event, effects);
    const { current } = state;
    if (current) {
      ({ heardAt: this.heardAt, verifiedAt: this.verifiedAt, canaryAt: this.canaryAt } = current);
    }
    if (event.type === 'live' && state.current !== before.current) {
      this.lastError = null;
      this.degrade('control', event.control ? null : this.noControl);
    }
    if (event.type === 'control') this.degrade('control', event.usable ? null : this.noControl);
    this.watchCanary(state, event);
    this.audience.stepped(state, before);
    if (statusOf(state) !== statusOf(before)) this.audience.changed();
  }

  gap(effect: Extract<Effect, { readonly type: 'openGap' | 'widenGap' | 'closeGap' | 'settle' }>): void {
    switch (effect.type) {
      case 'openGap':
        return this.ledger.open(LINK, effect.cause, effect.from, [], performance.now());
      case 'widenGap':
        return this.ledger.widen(LINK, effect.from);
      case 'closeGap':
        return this.ledger.close(LINK, effect.to, effect.kept);
      case 'settle':
        return this.ledger.settle(effect.kept);
    }
  }

  attemptFailed(error: unknown, address: Address): void {
    this.lastError = this.journal.attemptFailed(error, addressKey(address));
    this.audience.changed();
  }

  untargeted(error: unknown): void {
    this.lastError = this.journal.untargeted(error);
    this.audience.tell({ type: 'untargeted' });
    this.audience.changed();
  }

  target(address: Address, epoch: number | null): void {
    this.epoch = epoch;
    this.audience.retarget(address);
    this.audience.changed();
  }

  candidate(address: Address): void {
    this.audience.nominate(address);
  }

  returned(epoch: number): void {
    this.epoch = epoch;
    this.audience.tell({ type: 'returned' });
    this.audience.changed();
  }

  agreed(at: number): void {
    this.audience.tell({ type: 'agreed', at });
  }

  degraded(degraded: boolean): void {
    this.degrade('sentinels', degraded ? FEW_SENTINELS : null);
  }

  /** Redis refuses some names: their gap lasts until it refuses none. */
  subscriptionsChanged(link: Link): void {
    const refused = [...link.sync.refused.keys()].map((key) => subscriptionOf(key).name);
    const now = performance.now();
    if (refused.length > 0) {
      const [words = ''] = link.sync.refused.values();
      if (!sameNames(refused, this.refused)) this.journal.refused(refused, words);
      this.ledger.open(REFUSED, 'refused', this.journal.deafSince ?? now, refused, now);
    } else this.ledger.close(REFUSED, now, null);
    if (link.sync.isSettled) this.ledger.close(LOST, now, null);
    this.refused = refused;
    this.audience.changed();
  }

  lateMessage(old: Link): void {
    this.late += 1;
    this.ledger.late(old.id);
  }

  handOverCut(from: number): void {
    const now = performance.now();
    this.ledger.open('handover', 'handover', from, [], now);
    this.ledger.close('handover', now, null);
  }

  subscriptionsLost(from: number): void {
    this.ledger.open(LOST, 'lost', from, [], performance.now());
  }

  /** A gap that this process makes itself. */
  openLocal(cause: 'overflow', patterns: readonly string[], from: number): LocalGap {
    this.locals += 1;
    const key = `${cause}:${String(this.locals)}`;
    const now = performance.now();
    this.ledger.open(key, cause, from, patterns, now);
    return {
      drop: (count = 1) => {
        this.ledger.drop(key, count);
      },
      close: () => {
        this.ledger.close(key, performance.now(), null);
      },
    };
  }

  /** Whether deafness of any cause would be noticed: a canary flies. */
  get isCanaryTrusted(): boolean {
    return ![...this.degradations.values()].some(({ kind }) => kind === 'control' || kind === 'canary');
  }

  /** Whether the server says that it is a master no more. */
  get isRoleTold(): boolean {
    return !this.degradations.has('role');
  }

  /** A canary that cannot be published says nothing about the link, and neither does any promise that rests on it. */
  private watchCanary(state: State, event: MachineEvent): void {
    if (event.type === 'canaryPublished') {
      this.failedCanaries = 0;
      this.degrade('canary', null);
    } else if (event.type === 'canaryFailed' && statusOf(state) === 'live') {
      this.failedCanaries += 1;
      // A missing permission has been told of by its name.
      if (this.failedCanaries > 1 && !this.degradations.has('publish')) this.degrade('canary', NO_CANARY);
    }
  }

  private degrade(what: string, degradation: Degradation | null): void {
    const before = this.degradations.get(what);
    if (before === (degradation ?? undefined)) return;
    if (degradation) {
      this.degradations.set(what, degradation);
      this.journal.degraded(degradation);
    } else {
      this.degradations.delete(what);
      if (before) this.journal.restored(before);
    }
    this.audience.changed();
  }
}

function noControl(controlPrefix: string): Degradation {
  return {
    kind: 'control',
    what: 'This user may not subscribe to the control channel (controlPrefix), so there is no canary and no marker.',
    costs:
      'A link that answers PING and hears nothing is noticed by ROLE and by the Sentinels only; a planned hand-over closes the old link first and reports a gap. ' +
      `Every other promise remains. Allow it in the ACL: +subscribe &${controlPrefix}:*`,
  };
}

const NO_CANARY: Degradation = {
  kind: 'canary',
  what: 'The link is live, but nothing can be published on the control channel, so there is no canary.',
  costs:
    'A link that answers PING and hears nothing is noticed by ROLE and by the Sentinels only. Every other promise remains. ' +
    'Look whether another client of this user reaches the master, and whether maxclients is reached.',
};

const FEW_SENTINELS: Degradation = {
  kind: 'sentinels',
  what: 'Fewer than a majority of the Sentinels answer.',
  costs: 'A failover is followed only when the new node itself says that it is a master.',
};

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, index) => name === right[index]);
}
