import type { Engine, EngineLogger } from '../redis/engine.js';
import type { RedisResilientServer } from '../transport/server.js';
import { liveWords, waitingWords } from './boot-words.js';
import type { GapHandlers } from './gap-handlers.js';
import type { HandlerBinder } from './handler-binder.js';
import { describeHandler, type Handler } from './handlers.js';

/** What one instance consists of. */
export interface InstanceParts {
  readonly engine: Engine;
  readonly server: RedisResilientServer;
  readonly binder: HandlerBinder;
  readonly gapHandlers: GapHandlers;
  readonly logger: EngineLogger;
  /** The handlers that belong to it. */
  handlers(): Handler[];
  /** Where its probes answer, with the global prefix. */
  probes(): string[];
}

/** One instance of the module in one application. */
export class Instance {
  readonly engine: Engine;
  readonly server: RedisResilientServer;
  readonly binder: HandlerBinder;
  readonly gapHandlers: GapHandlers;
  readonly #parts: InstanceParts;

  constructor(parts: InstanceParts) {
    this.engine = parts.engine;
    this.server = parts.server;
    this.binder = parts.binder;
    this.gapHandlers = parts.gapHandlers;
    this.#parts = parts;
  }

  handlers(): Handler[] {
    return this.#parts.handlers();
  }

  /** Listens and says so. Redis being away stops nothing; handlers that could never run do. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.listen((error) => (error instanceof Error ? reject(error) : resolve()));
    });
    this.announce();
  }

  private announce(): void {
    const { engine, logger } = this.#parts;
    const snapshot = engine.monitor.snapshot();
    const { maxSilence } = engine.monitor;
    const facts = { snapshot, redis: engine.options.redis, maxSilence, probes: this.#parts.probes() };
    logger.log(snapshot.live ? liveWords(facts) : waitingWords(facts));
    for (const handler of this.handlers()) logger.log(describeHandler(handler));
  }
}
