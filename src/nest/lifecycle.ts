import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type Instance } from './instance.js';
import { checkHandlers } from './handler-rules.js';
import { handlersOf } from './handlers.js';
import { strayHandlers } from './stray-handlers.js';

/** Takes all instances through the life of their application, side by side. */
@Injectable()
export class Lifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #instances: Instance[] = [];
  /** Nest calls the first two hooks twice where `deferInitialization` is used. */
  readonly #listening = new Set<Instance>();

  constructor(private readonly modules: ModulesContainer) {}

  add(instance: Instance): void {
    this.#instances.push(instance);
  }

  onModuleInit(): void {
    for (const instance of this.#instances) {
      checkHandlers(instance.handlers());
      instance.gapHandlers.check();
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    const bound = this.#instances.filter((one) => !this.#listening.has(one) && one.binder.bind());
    if (bound.length === 0) return;
    for (const instance of bound) this.#listening.add(instance);
    this.warn(bound);
    await Promise.all(bound.map((instance) => instance.listen()));
  }

  /** Handlers that run may finish while all they use is still there, and HTTP requests in flight may still publish. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#instances.map(({ server }) => server.drain()));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#instances.map(({ server }) => server.close()));
  }

  private warn([first]: readonly Instance[]): void {
    if (!first) return;
    const logger = new Logger('RedisResilientModule');
    const ours = new Set<unknown>(this.#instances.map(({ server }) => server));
    const others = first.binder.servers().filter((server) => !ours.has(server));
    const listeners = {
      instances: this.#instances.map(({ engine }) => engine.name),
      others: [...new Set(others.map((server) => (server as object).constructor.name))],
    };
    for (const words of strayHandlers(handlersOf(this.modules), listeners)) logger.warn(words);
  }
}
