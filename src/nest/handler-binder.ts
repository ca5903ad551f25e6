import {
  ApplicationConfig,
  GraphInspector,
  type HttpAdapterHost,
  type ModuleRef,
  type ModulesContainer,
} from '@nestjs/core';
import { type CustomStrategy, NestMicroservice } from '@nestjs/microservices';
import type { Engine } from '../redis/engine.js';
import type { RedisResilientServer } from '../transport/server.js';
import { containerOf } from './container.js';

/** What the binder needs of Nest. */
export interface Application {
  readonly moduleRef: ModuleRef;
  readonly modules: ModulesContainer;
  readonly http: HttpAdapterHost;
  /** Global pipes, guards, interceptors and filters of the application. */
  readonly config: ApplicationConfig;
}

/** Gives a server its handlers where no line in `main.ts` has. */
export class HandlerBinder {
  readonly #engine: Engine;
  readonly #server: RedisResilientServer;
  readonly #application: Application;

  constructor(engine: Engine, server: RedisResilientServer, application: Application) {
    this.#engine = engine;
    this.#server = server;
    this.#application = application;
  }

  /**
   * Binds what is not bound yet. Safe to call again.
   *
   * @returns whether the server is to listen: it was connected in `main.ts`, or is bound here
   */
  bind(): boolean {
    const isConnected = this.servers().includes(this.#server);
    if (!isConnected && !this.bindsItself()) return false;
    // Connected with `deferInitialization` it has none yet. What Nest adds later is the same and is not added twice.
    if (this.#server.getHandlers().size === 0) this.register();
    return true;
  }

  /** The servers of every transport that this application has so far. */
  servers(): unknown[] {
    const servers: unknown[] = [];
    this.#application.modules
      .getRpcTargetRegistry()
      .subscribe((server) => servers.push(server))
      .unsubscribe();
    return servers;
  }

  // Neither HTTP nor a microservice: `createApplicationContext`, for a migration or a script. It does not want to listen.
  private bindsItself(): boolean {
    const serves = this.isHttp() || this.servers().length > 0;
    return this.#engine.options.autoBind && serves;
  }

  /** Whether the application serves HTTP. */
  isHttp(): boolean {
    // Typed as always there, but only an application with HTTP has one.
    return Boolean(this.#application.http.httpAdapter as unknown);
  }

  private register(): void {
    const container = containerOf(this.#application.moduleRef);
    const options: CustomStrategy = { strategy: this.#server };
    const inspector = new GraphInspector(container);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
    new NestMicroservice(container, options, inspector, this.config()).registerListeners();
  }

  /** As with Nest's own `connectMicroservice`, what is global for HTTP is not for handlers, unless asked for. */
  private config(): ApplicationConfig {
    const isPure = !this.isHttp() && this.servers().includes(this.#server);
    return isPure || this.#engine.options.inheritAppConfig
      ? this.#application.config
      : new ApplicationConfig();
  }
}
