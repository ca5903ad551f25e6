import fc from 'fast-check';
import type { HandOver, Heard } from '../../src/subscription/handover.js';

/** A message as a test sees it. The hand-over is shown `key` and `size` only: all payloads could be identical. */
export interface Published extends Heard {
  /** Its place in the order in which the server executed. */
  readonly at: number;
}

export interface Delivered {
  readonly message: Published;
  readonly late: boolean;
}

/**
 * One server, which executes in one order, and two links that hear it, each at its own pace: whatever the server has
 * executed, a link may hear now, later, or never.
 */
export class TwoLinks {
  readonly delivered: Delivered[] = [];
  /** Everything that the server has executed: messages, `null` for the marker. */
  readonly executed: (Published | null)[] = [];
  /** Since when the successor is subscribed, per key. */
  readonly subscribedAt = new Map<string, number>();
  readonly handOver: HandOver<Published>;
  promotedAt: number | null = null;
  abandoned = false;
  oldClosed = false;
  successorClosed = false;
  private readonly saidBefore: number;
  /** After a cut the successor is sent a PING; its PONG comes behind everything that was executed before. */
  private pongAt: number | null = null;
  /** How many of the executed each link has read. */
  private oldHas = 0;
  private successorHas = 0;

  constructor(
    readonly keys: readonly string[],
    make: (outlet: (message: Published, late: boolean) => void) => HandOver<Published>,
    /** What the old link says while there is no successor yet. */
    before: readonly string[] = [],
  ) {
    for (const key of before) this.publish(key);
    // It may not have said all of it when the successor comes.
    this.saidBefore = Math.floor(before.length / 2);
    for (; this.oldHas < this.saidBefore; this.oldHas += 1) {
      this.delivered.push({ message: this.executed[this.oldHas]!, late: false });
    }
    this.handOver = make((message, late) => this.delivered.push({ message, late }));
  }

  get markerAt(): number {
    return this.executed.indexOf(null);
  }

  publish(key: string, size = 1): void {
    this.executed.push({ key, size, at: this.executed.length });
  }

  /** The server executes the SUBSCRIBE of one key on the successor. */
  subscribe(key: string): void {
    if (!this.subscribedAt.has(key)) this.subscribedAt.set(key, this.executed.length);
  }

  /** Possible once the successor has read every acknowledgement, and so all that came before the last of them. */
  promote(): void {
    if (this.promotedAt !== null || this.abandoned || this.successorClosed) return;
    if (this.subscribedAt.size < this.keys.length) return;
    if (this.successorHas < Math.max(...this.subscribedAt.values())) return;
    this.promotedAt = this.executed.length;
    this.handOver.promoted();
  }

  mark(): void {
    if (this.promotedAt !== null && this.markerAt < 0) this.executed.push(null);
  }

  oldHears(): void {
    if (this.oldClosed || this.oldHas >= this.executed.length) return;
    const message = this.executed[this.oldHas];
    this.oldHas += 1;
    if (message) {
      if (this.abandoned) this.delivered.push({ message, late: false });
      else this.handOver.fromOld(message);
    } else if (!this.abandoned) this.handOver.oldMarker();
  }

  successorHears(): void {
    if (this.successorClosed || this.abandoned || this.successorHas >= this.executed.length) return;
    const message = this.executed[this.successorHas];
    this.successorHas += 1;
    if (!message) this.handOver.successorMarker();
    else if (this.isHeardBySuccessor(message)) this.handOver.fromSuccessor(message);
    this.readPong();
  }

  closeOld(): void {
    if (this.oldClosed) return;
    this.oldClosed = true;
    if (this.abandoned) return;
    this.handOver.oldClosed();
    this.askSuccessor();
  }

  /** A successor that ends after its promotion ends the hand-over; before, it is abandoned. */
  closeSuccessor(): void {
    if (this.successorClosed || this.abandoned) return;
    this.successorClosed = true;
    if (this.promotedAt === null) this.abandon();
    else this.handOver.expired();
  }

  abandon(): void {
    if (this.promotedAt !== null || this.abandoned) return;
    this.abandoned = true;
    this.handOver.abandoned();
  }

  /** Patience ends, which begins with the promotion. */
  expire(): void {
    if (this.promotedAt === null || this.successorClosed) return;
    this.handOver.expired();
    this.askSuccessor();
  }

  private askSuccessor(): void {
    if (!this.handOver.done && !this.successorClosed) this.pongAt ??= this.executed.length;
    this.readPong();
  }

  private readPong(): void {
    if (this.pongAt === null || this.successorHas < this.pongAt) return;
    this.pongAt = null;
    this.handOver.successorMarker();
  }

  /** Everything is acknowledged and read, and the successor takes over. */
  reachPromotion(): void {
    for (const key of this.keys) this.subscribe(key);
    while (this.successorHas < this.executed.length) this.successorHears();
    this.promote();
  }

  /** What is still under way arrives: the marker is published, both links read to the end. */
  finish(): void {
    if (!this.abandoned && !this.successorClosed) {
      this.reachPromotion();
      this.mark();
      while (this.successorHas < this.executed.length) this.successorHears();
    }
    while (!this.oldClosed && this.oldHas < this.executed.length) this.oldHears();
  }

  /** How far the successor has read. */
  get heardBySuccessor(): number {
    return this.successorHas;
  }

  /** What the successor has heard, by its place. */
  saidBySuccessor(): number[] {
    return this.executed
      .slice(0, this.successorHas)
      .flatMap((message) => (message && this.isHeardBySuccessor(message) ? [message.at] : []));
  }

  /** Bytes of the old link that went in and did not come out: nothing is thrown away before the end. */
  heldOfOld(): number {
    const heard = this.executed.slice(
      this.saidBefore,
      this.markerAt < 0 ? this.oldHas : Math.min(this.oldHas, this.markerAt),
    );
    return bytes(heard) - bytes(this.delivered.filter(({ late }) => late).map(({ message }) => message));
  }

  /** Bytes that the successor heard behind the marker and that did not come out. */
  heldOfSuccessor(): number {
    if (this.markerAt < 0) return 0;
    const heard = this.executed.slice(this.markerAt, this.successorHas);
    return (
      bytes(heard) -
      bytes(this.delivered.flatMap(({ message }) => (message.at > this.markerAt ? [message] : [])))
    );
  }

  /** Messages that were published and never delivered. */
  missing(): Published[] {
    const handled = new Set(this.delivered.map(({ message }) => message));
    return this.executed.filter((message): message is Published => message !== null && !handled.has(message));
  }

  twice(): Published[] {
    const seen = new Set<Published>();
    return this.delivered.flatMap(({ message }) => (seen.has(message) ? [message] : (seen.add(message), [])));
  }

  private isHeardBySuccessor({ key, at }: Published): boolean {
    return at >= (this.subscribedAt.get(key) ?? Infinity);
  }

  /** Messages of one key that are not late, out of order. */
  outOfOrder(): Published[] {
    return this.keys.flatMap((key) => {
      const inTime = this.delivered.filter(({ message, late }) => message.key === key && !late);
      return inTime.flatMap(({ message }, index) =>
        index > 0 && message.at <= inTime[index - 1]!.message.at ? [message] : [],
      );
    });
  }
}

function bytes(messages: readonly (Published | null)[]): number {
  return messages.reduce((sum, message) => sum + (message?.size ?? 0), 0);
}

export const KEYS = ['orders.*', 'orders.new', 'other'] as const;

/** What may happen while two links are there, in any order. */
export type Turn =
  | { readonly do: 'publish'; readonly key: string; readonly size: number }
  | { readonly do: 'subscribe'; readonly keys: readonly string[] }
  | { readonly do: 'oldHears' | 'successorHears'; readonly times: number }
  | {
      readonly do:
        'promote' | 'reachPromotion' | 'mark' | 'closeOld' | 'closeSuccessor' | 'abandon' | 'expire';
    };

const anyKey = fc.constantFrom(...KEYS);
const hearing = fc.record({
  do: fc.constantFrom('oldHears' as const, 'successorHears' as const),
  times: fc.integer({ min: 1, max: 12 }),
});
const going = [
  fc.record({ do: fc.constant('publish' as const), key: anyKey, size: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('publish' as const), key: anyKey, size: fc.constant(1) }),
  fc.record({ do: fc.constant('subscribe' as const), keys: fc.subarray([...KEYS], { minLength: 1 }) }),
  hearing,
  hearing,
  fc.record({ do: fc.constant('promote' as const) }),
  fc.record({ do: fc.constant('mark' as const) }),
];

/** An interleaving in which nothing ends before its time. */
export const anyInterleaving: fc.Arbitrary<readonly Turn[]> = fc.array(fc.oneof(...going), { maxLength: 40 });

/** An interleaving in which links close, attempts are abandoned, and patience ends. */
export function anyInterleavingWith(
  ...ends: ('closeOld' | 'closeSuccessor' | 'abandon' | 'expire')[]
): fc.Arbitrary<readonly Turn[]> {
  const ending = fc.record({ do: fc.constantFrom(...ends) });
  return fc.array(fc.oneof({ weight: 20, arbitrary: fc.oneof(...going) }, { weight: 1, arbitrary: ending }), {
    maxLength: 40,
  });
}

export const anyPast: fc.Arbitrary<readonly string[]> = fc.array(anyKey, { maxLength: 8 });

/** Everything is acknowledged, and the successor takes over. */
export const PROMOTE: Turn = { do: 'reachPromotion' };

/** Plays what happens before the promotion and after it. */
export function playThrough(links: TwoLinks, before: readonly Turn[], after: readonly Turn[]): TwoLinks {
  play(links, before);
  links.reachPromotion();
  return play(links, after);
}

export function play(links: TwoLinks, turns: readonly Turn[]): TwoLinks {
  for (const turn of turns) {
    if (turn.do === 'publish') links.publish(turn.key, turn.size);
    else if (turn.do === 'subscribe') for (const key of turn.keys) links.subscribe(key);
    else if ('times' in turn) for (let time = 0; time < turn.times; time += 1) links[turn.do]();
    else links[turn.do]();
  }
  return links;
}
