import { RedisResilientHandlerError } from '../errors.js';
import type { Handler } from './handlers.js';

/**
 * Refuses handlers that could never run. Nest itself lets the later of two silently win.
 *
 * @param handlers those of one instance
 * @throws RedisResilientHandlerError that names the places
 */
export function checkHandlers(handlers: readonly Handler[]): void {
  const firstOf = new Map<string, Handler>();
  for (const handler of handlers) {
    refusePattern(handler);
    const first = firstOf.get(handler.route);
    if (!first) firstOf.set(handler.route, handler);
    else if (!first.isEvent && !handler.isEvent) throw twoMessageHandlers(first, handler);
    else if (first.isEvent !== handler.isEvent) throw messageAndEventHandler(first, handler);
  }
}

function refusePattern({ pattern, place }: Handler): void {
  if (typeof pattern === 'string' || typeof pattern === 'number') return;
  if (typeof pattern === 'object' && pattern !== null && !(pattern instanceof RegExp)) return;
  throw new RedisResilientHandlerError(
    `The pattern ${String(pattern)} of ${place} is no text, number or plain object. ` +
      "Redis matches globs, not regular expressions: write for example @MessagePattern('orders.*').",
  );
}

function twoMessageHandlers(first: Handler, second: Handler): RedisResilientHandlerError {
  return new RedisResilientHandlerError(
    `Two @MessagePattern handlers for "${first.route}": ${first.place}, and ${second.place}. Only one of them could answer. ` +
      'Change one pattern, or make both @EventPattern: of those, every one is called.',
  );
}

function messageAndEventHandler(first: Handler, second: Handler): RedisResilientHandlerError {
  const [message, event] = first.isEvent ? [second, first] : [first, second];
  return new RedisResilientHandlerError(
    `"${event.route}" has an @EventPattern handler, ${event.place}, that would never run beside the @MessagePattern handler ` +
      `${message.place}, which receives events too. Make both @EventPattern, or change one pattern.`,
  );
}
