import { RedisResilientError } from '../errors.js';

/** `pattern` is a PSUBSCRIBE, `channel` a SUBSCRIBE. */
export type SubscriptionKind = 'pattern' | 'channel';

/**
 * Receives the messages of one subscription, synchronously. Must not throw.
 * `late`: an old link delivered it after its successor had begun to speak.
 */
export type Sink = (channel: Buffer, payload: Buffer, late: boolean) => void;

/** One name on the server. */
export interface Subscription {
  readonly kind: SubscriptionKind;
  readonly name: string;
}

/** `p:orders.*` for a pattern, `c:orders` for a channel. */
export type SubscriptionKey = string;

export function keyOf(kind: SubscriptionKind, name: string): SubscriptionKey {
  return kind === 'pattern' ? `p:${name}` : `c:${name}`;
}

export function subscriptionOf(key: SubscriptionKey): Subscription {
  return { kind: key.startsWith('p:') ? 'pattern' : 'channel', name: key.slice(2) };
}

/** Names in one command. Redis answers each name for itself, so a few commands are as good as one. */
const SLICE = 500;

export function* slices(names: readonly string[]): Iterable<readonly string[]> {
  for (let start = 0; start < names.length; start += SLICE) yield names.slice(start, start + SLICE);
}

/** What is wanted, and where its messages go. One look-up for each message. */
export class Subscriptions {
  private readonly patterns = new Map<string, Sink>();
  private readonly channels = new Map<string, Sink>();

  get size(): number {
    return this.patterns.size + this.channels.size;
  }

  /** @throws RedisResilientError INVALID_HANDLER where another sink has the name already */
  add(kind: SubscriptionKind, name: string, sink: Sink): void {
    const sinks = this.sinksOf(kind);
    const known = sinks.get(name);
    if (known && known !== sink) {
      throw new RedisResilientError(
        'INVALID_HANDLER',
        `The ${kind} "${name}" is subscribed already. Remove one of the two subscriptions.`,
      );
    }
    sinks.set(name, sink);
  }

  remove(kind: SubscriptionKind, name: string): void {
    this.sinksOf(kind).delete(name);
  }

  has(kind: SubscriptionKind, name: string): boolean {
    return this.sinksOf(kind).has(name);
  }

  sink(kind: SubscriptionKind, name: string): Sink | undefined {
    return this.sinksOf(kind).get(name);
  }

  *keys(): Iterable<SubscriptionKey> {
    for (const name of this.patterns.keys()) yield keyOf('pattern', name);
    for (const name of this.channels.keys()) yield keyOf('channel', name);
  }

  private sinksOf(kind: SubscriptionKind): Map<string, Sink> {
    return kind === 'pattern' ? this.patterns : this.channels;
  }
}
