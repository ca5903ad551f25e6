import { type FactoryProvider, Logger, type Provider } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { Instances } from '../health/instances.js';
import { servedProbePaths } from '../health/probe-paths.js';
import type { ResolvedOptions } from '../options.js';
import { Engine } from '../redis/engine.js';
import { RedisResilientKeepAlive } from '../redis/keep-alive.js';
import { RedisResilientMonitor } from '../redis/monitor.js';
import { RedisResilientClient } from '../transport/client.js';
import { RedisResilientServer } from '../transport/server.js';
import { GapHandlers } from './gap-handlers.js';
import { HandlerBinder } from './handler-binder.js';
import { type Handler, handlersOf, isFor } from './handlers.js';
import { Instance } from './instance.js';
import { Lifecycle } from './lifecycle.js';
import type { ResolvedExtras } from './module-options.js';
import { tokenOf } from './tokens.js';

/** The classes that are tokens of the unnamed instance as well. */
const CLASSES = {
  server: RedisResilientServer,
  client: RedisResilientClient,
  'keep-alive': RedisResilientKeepAlive,
  monitor: RedisResilientMonitor,
};

/** The token under which the resolved options of an instance stand. */
export function optionsToken(name: string | undefined): symbol {
  return tokenOf('options', name);
}

/** What other modules may inject. */
export function exportsOf(name: string | undefined): (symbol | (typeof CLASSES)[keyof typeof CLASSES])[] {
  const tokens = Object.keys(CLASSES).map((part) => tokenOf(part, name));
  return name === undefined ? [...tokens, ...Object.values(CLASSES)] : tokens;
}

/** Everything of one instance, under tokens with its name. */
export function instanceProviders({ name, healthPath }: ResolvedExtras): Provider[] {
  const aliases = Object.entries(CLASSES).map(([part, type]) => ({
    provide: type,
    useExisting: tokenOf(part, name),
  }));
  return [
    engineProvider(name, healthPath),
    {
      provide: tokenOf('server', name),
      inject: [tokenOf('engine', name), ModulesContainer],
      useFactory: createServer,
    },
    {
      provide: tokenOf('client', name),
      inject: [tokenOf('engine', name)],
      useFactory: (engine: Engine) => new RedisResilientClient(engine),
    },
    {
      provide: tokenOf('keep-alive', name),
      inject: [tokenOf('engine', name)],
      useFactory: (engine: Engine) => engine.keepAlive,
    },
    {
      provide: tokenOf('monitor', name),
      inject: [tokenOf('engine', name)],
      useFactory: (engine: Engine) => engine.monitor,
    },
    instanceProvider(name, healthPath),
    ...(name === undefined ? aliases : []),
  ];
}

function engineProvider(name: string | undefined, healthPath: string | false): FactoryProvider {
  return {
    provide: tokenOf('engine', name),
    inject: [optionsToken(name), Instances],
    useFactory: (options: ResolvedOptions, instances: Instances) => {
      const engine = new Engine(options, loggerOf(name), name);
      instances.add(engine, healthPath);
      return engine;
    },
  };
}

/** A named server refuses handlers without a transport id, which Nest offers to every server. */
function createServer(engine: Engine, modules: ModulesContainer): RedisResilientServer {
  let transports: Map<object, Handler['transport']> | undefined;
  return new RedisResilientServer(engine, (extras) => {
    transports ??= new Map(handlersOf(modules).map((handler) => [handler.extras, handler.transport]));
    return !transports.has(extras) || isFor(engine.name, transports.get(extras));
  });
}

function instanceProvider(name: string | undefined, healthPath: string | false): FactoryProvider {
  return {
    provide: tokenOf('instance', name),
    inject: [
      tokenOf('engine', name),
      tokenOf('server', name),
      ModuleRef,
      ModulesContainer,
      HttpAdapterHost,
      ApplicationConfig,
      Lifecycle,
    ],
    useFactory: (
      engine: Engine,
      server: RedisResilientServer,
      moduleRef: ModuleRef,
      modules: ModulesContainer,
      http: HttpAdapterHost,
      config: ApplicationConfig,
      lifecycle: Lifecycle,
    ) => {
      const logger = loggerOf(name);
      const binder = new HandlerBinder(engine, server, { moduleRef, modules, http, config });
      const instance = new Instance({
        engine,
        server,
        binder,
        gapHandlers: new GapHandlers(engine, modules, logger),
        logger,
        handlers: () => handlersOf(modules).filter(({ transport }) => isFor(name, transport)),
        probes: () => (healthPath === false || !binder.isHttp() ? [] : servedProbePaths(healthPath, config)),
      });
      lifecycle.add(instance);
      return instance;
    },
  };
}

function loggerOf(name: string | undefined): Logger {
  return new Logger(name === undefined ? 'RedisResilient' : `RedisResilient:${name}`);
}
