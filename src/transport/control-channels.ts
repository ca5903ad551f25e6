import type { Sink } from '../redis/engine.js';
import { isGlob } from './create-consumers.js';

/**
 * Whether a subscription matches channels with a prefix that it does not name: `*` and `_*` match those of `__x__:`, while
 * whoever subscribes `__x__:*` wants to hear them.
 */
export function reachesUnnamed(subscription: string, prefix: string): boolean {
  if (!isGlob(subscription)) return false;
  const literal = /^[^*?[\\]*/.exec(subscription)?.[0] ?? '';
  return literal.length < prefix.length && prefix.startsWith(literal);
}

/** Keeps the canaries and markers of every instance on this Redis from a handler that asked for something else. */
export function withoutChannelsOf(prefix: string, sink: Sink): Sink {
  const bytes = Buffer.from(prefix);
  return (channel, payload, late) => {
    const isOurs = channel.length > bytes.length && channel.subarray(0, bytes.length).equals(bytes);
    if (!isOurs) sink(channel, payload, late);
  };
}
