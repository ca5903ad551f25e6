import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { RedisResilientHandlerError } from '../errors.js';
import type { Engine, EngineLogger } from '../redis/engine.js';
import type { Gap } from '../subscription/gap.js';
import { gapPhasesOf, type SubscriptionGap } from './decorators.js';

interface GapHandler {
  readonly phases: readonly Gap['phase'][];
  /** `OrdersService.catchUp` */
  readonly place: string;
  call(gap: SubscriptionGap): unknown;
}

/** Calls the methods with `@OnSubscriptionGap()` for the gaps of one instance. */
export class GapHandlers {
  readonly #modules: ModulesContainer;
  readonly #logger: EngineLogger;
  #found: readonly GapHandler[] | undefined;

  constructor(engine: Engine, modules: ModulesContainer, logger: EngineLogger) {
    this.#modules = modules;
    this.#logger = logger;
    // From the first moment on: `startAllMicroservices()` may listen before any hook of Nest runs.
    engine.monitor.gaps$.subscribe((gap) => this.report({ ...gap, name: engine.name ?? null }));
  }

  /** @throws RedisResilientHandlerError where a handler could never be called */
  check(): void {
    this.#found = this.find();
  }

  private report(gap: SubscriptionGap): void {
    this.#found ??= this.find();
    for (const handler of this.#found) {
      if (handler.phases.includes(gap.phase)) void this.callOne(handler, gap);
    }
  }

  private async callOne(handler: GapHandler, gap: SubscriptionGap): Promise<void> {
    try {
      await handler.call(gap);
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#logger.error(`${handler.place} failed for gap ${gap.id}: ${why}`);
    }
  }

  private find(): GapHandler[] {
    const scanner = new MetadataScanner();
    const seen = new Set<object>();
    return [...this.#modules.values()]
      .flatMap((module) => [...module.providers.values(), ...module.controllers.values()])
      .filter((wrapper) => !wrapper.isAlias && isObject(wrapper.instance))
      .flatMap((wrapper) => {
        const instance = wrapper.instance as Record<string, (gap: SubscriptionGap) => unknown>;
        if (seen.has(instance)) return [];
        seen.add(instance);
        const isShared = wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
        return scanner
          .getAllMethodNames(Object.getPrototypeOf(instance) as object | null)
          .map((name) => handlerOf(instance, name, isShared))
          .filter((handler) => handler !== undefined);
      });
  }
}

function handlerOf(
  instance: Record<string, (gap: SubscriptionGap) => unknown>,
  name: string,
  isShared: boolean,
): GapHandler | undefined {
  const phases = gapPhasesOf(instance[name]);
  if (phases.length === 0) return undefined;
  const place = `${instance.constructor.name}.${name}`;
  if (!isShared) throw notShared(place);
  return { phases, place, call: (gap) => instance[name]?.(gap) };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function notShared(place: string): RedisResilientHandlerError {
  return new RedisResilientHandlerError(
    `@OnSubscriptionGap() on ${place} could never be called: its class is request-scoped or transient. ` +
      'Move the method to a provider of the default scope.',
  );
}
