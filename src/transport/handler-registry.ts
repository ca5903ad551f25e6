import type { MessageHandler } from '@nestjs/microservices';
import { RedisResilientHandlerError } from '../errors.js';

interface Entry {
  readonly handler: MessageHandler;
  readonly isEvent: boolean;
  readonly extras: object;
  /** The binding pass that added it. */
  readonly pass: number;
}

/** The handlers of each pattern, in the order they were bound. */
export class HandlerRegistry {
  readonly #routes = new Map<string, Entry[]>();
  readonly #refused: string[] = [];
  #pass = 0;
  #passIsOpen = false;

  /**
   * Answers whether the handler was added. Nest may bind everything a second time (`deferInitialization`), with new functions
   * around the same methods: what an earlier pass added already is not added again. A pass is synchronous, and the extras
   * object of a method is the same one in each pass.
   */
  add(pattern: unknown, route: unknown, handler: MessageHandler, isEvent: boolean, extras: object): boolean {
    const pass = this.currentPass();
    if (pattern instanceof RegExp || typeof route !== 'string') {
      this.#refused.push(
        `A pattern must be a text, a number or a plain object, but one is ${String(pattern)}. ` +
          'Redis matches globs, not regular expressions: write for example "orders.*".',
      );
      return false;
    }
    const entries = this.#routes.get(route) ?? [];
    const isRepeated = entries.some(
      (entry) => entry.handler === handler || (entry.extras === extras && entry.pass !== pass),
    );
    if (isRepeated) return false;
    if (entries.length > 0 && !(isEvent && entries.every((entry) => entry.isEvent))) {
      this.#refused.push(conflict(route, isEvent, entries[0]?.isEvent ?? false));
      return false;
    }
    this.#routes.set(route, [...entries, { handler, isEvent, extras, pass }]);
    return true;
  }

  /** @throws RedisResilientHandlerError where a handler could never run */
  check(): void {
    if (this.#refused.length > 0) throw new RedisResilientHandlerError(this.#refused.join(' '));
  }

  handlersOf(route: string): readonly MessageHandler[] {
    return (this.#routes.get(route) ?? []).map(({ handler }) => handler);
  }

  get routes(): readonly string[] {
    return [...this.#routes.keys()];
  }

  private currentPass(): number {
    if (!this.#passIsOpen) {
      this.#passIsOpen = true;
      this.#pass += 1;
      queueMicrotask(() => (this.#passIsOpen = false));
    }
    return this.#pass;
  }
}

function conflict(route: string, isEvent: boolean, firstIsEvent: boolean): string {
  if (!isEvent && !firstIsEvent) {
    return (
      `Two @MessagePattern handlers for "${route}": only one could answer. ` +
      'Give one of them another pattern, another instance (getTransportId(name)), or make it an @EventPattern of its own.'
    );
  }
  return (
    `"${route}" has a @MessagePattern and an @EventPattern handler: one of them would never run. ` +
    'A @MessagePattern handler receives events too; or give one of them another pattern.'
  );
}
