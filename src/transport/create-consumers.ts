import type { MessageHandler } from '@nestjs/microservices';
import type { ResolvedOptions } from '../options.js';
import { Consumer, type ConsumerHost } from './consumer.js';
import { type HandlerSettings, resolveHandlerSettings } from './handler-settings.js';

/**
 * The consumers of one subscription: handlers with the same settings share one, so that a message is decoded once for them.
 *
 * @throws RedisResilientOptionsError where the extras of a handler cannot be used
 */
export function createConsumers(
  subscription: string,
  isPattern: boolean,
  handlers: readonly MessageHandler[],
  options: ResolvedOptions,
  host: ConsumerHost,
): Consumer[] {
  const groups = new Map<string, { settings: HandlerSettings; handlers: MessageHandler[] }>();
  for (const handler of handlers) {
    const settings = resolveHandlerSettings(subscription, (handler.extras ?? {}) as object, options);
    const { dispatch, envelope, payload, lateMessages } = settings;
    const { concurrency, maxPending, overflow } = dispatch;
    const key = [concurrency, maxPending, overflow, envelope, payload, lateMessages].join();
    const group = groups.get(key) ?? { settings, handlers: [] };
    group.handlers.push(handler);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ settings, handlers: [first, ...others] }) =>
    first ? [new Consumer(subscription, isPattern, [first, ...others], settings, host)] : [],
  );
}

/** Characters with which Redis reads a name as a pattern. */
const GLOB = /[*?[\\]/;

/** Whether a name needs PSUBSCRIBE. Exact names are cheaper for Redis, which tries every pattern at every PUBLISH. */
export function isGlob(name: string): boolean {
  return GLOB.test(name);
}
