import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RedisResilientOptionsError } from '../errors.js';
import type { Engine } from '../redis/engine.js';
import { joinPath } from './probe-paths.js';

/** The instances of one application: what the probes look at. */
@Injectable()
export class Instances implements OnModuleDestroy {
  /** Nobody should send this application anything any more. */
  isShuttingDown = false;
  readonly #instances = new Map<string | undefined, { engine: Engine; path: string | false }>();

  /** The first hook of a shutdown: Terminus holds up a later one, so that the probes can be seen to say it. */
  onModuleDestroy(): void {
    this.isShuttingDown = true;
  }

  /**
   * @param path where the probes show the instance
   * @throws RedisResilientOptionsError where another instance has the same name
   */
  add(engine: Engine, path: string | false): void {
    if (this.#instances.has(engine.name)) throw sameName(engine.name);
    this.#instances.set(engine.name, { engine, path });
  }

  /** @throws RedisResilientOptionsError where there is no instance of this name */
  get(name?: string): Engine {
    const instance = this.#instances.get(name);
    if (instance) return instance.engine;
    throw new RedisResilientOptionsError(
      'name',
      `There is no RedisResilientModule ${name === undefined ? 'without a name' : `named "${name}"`}. ` +
        `Known: ${
          this.names()
            .map((one) => one ?? 'the unnamed one')
            .join(', ') || 'none'
        }.`,
    );
  }

  /** Those shown by the probes at this path, in the order of their modules. */
  shownAt(path: string): Engine[] {
    return [...this.#instances.values()]
      .filter((one) => one.path !== false && joinPath(one.path) === joinPath(path))
      .map((one) => one.engine);
  }

  /** The name of every instance; `undefined` for the unnamed one. */
  names(): (string | undefined)[] {
    return [...this.#instances.keys()];
  }
}

function sameName(name: string | undefined): RedisResilientOptionsError {
  return new RedisResilientOptionsError(
    'name',
    name === undefined
      ? "Two RedisResilientModules have no name. Give one of them a name: forRoot({ name: 'billing', ... })."
      : `Two RedisResilientModules are named "${name}". Give one of them another name.`,
  );
}
