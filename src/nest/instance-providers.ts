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

/**
 * Nest offers every server all handlers without a transport id, and all of its own again for every `connectMicroservice`. Each is
 * admitted once, and by a named server only what names it.
 */
function createServer(engine: Engine, modules: ModulesContainer): RedisResilientServer {
  let expected: Map<object, number> | undefined;
  return new RedisResilientServer(engine, (extras) => {
    expected ??= countByExtras(handlersOf(modules), engine.name);
    const left = expected.get(extras);
    // Not of a controller: somebody calls `addHandler` himself.
    if (left === undefined) return true;
    expected.set(extras, Math.max(0, left - 1));
    return left > 0;
  });
}

function countByExtras(handlers: readonly Handler[], name: string | undefined): Map<object, number> {
  const counts = new Map<object, number>();
  for (const { extras, transport } of handlers) {
    counts.set(extras, (counts.get(extras) ?? 0) + (isFor(name, transport) ? 1 : 0));
  }
  return counts;
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
