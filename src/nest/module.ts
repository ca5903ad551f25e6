import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { probesAt } from '../health/health.module.js';
import { resolveOptions } from '../options.js';
import { exportsOf, instanceProviders, optionsToken } from './instance-providers.js';
import {
  checkAsyncOptions,
  type RedisResilientModuleAsyncOptions,
  type RedisResilientModuleOptions,
  type RedisResilientOptionsFactory,
  type ResolvedExtras,
  splitOptions,
} from './module-options.js';
import { RedisResilientSharedModule } from './shared.module.js';

/**
 * Subscribes the message and event handlers of the application to Redis, and keeps them subscribed.
 * Handlers need no line in `main.ts`.
 */
@Module({})
export class RedisResilientModule {
  /**
   * An instance with options that are known at once.
   * @throws RedisResilientOptionsError that names the option, its value and the remedy
   */
  static forRoot(options: RedisResilientModuleOptions): DynamicModule {
    const [given, extras] = splitOptions(options);
    return define(extras, [{ provide: optionsToken(extras.name), useValue: resolveOptions(given) }]);
  }

  /**
   * An instance whose options come from other providers. `name`, `isGlobal` and `healthPath` stand beside the factory, not in what
   * it returns.
   * @throws RedisResilientOptionsError that names the option, its value and the remedy; for what the factory returns, at boot
   */
  static forRootAsync(options: RedisResilientModuleAsyncOptions): DynamicModule {
    const extras = checkAsyncOptions(options);
    const module = define(extras, optionsProviders(options, extras.name));
    return { ...module, imports: [...(options.imports ?? []), ...(module.imports ?? [])] };
  }
}

function define(extras: ResolvedExtras, options: Provider[]): DynamicModule {
  return {
    module: RedisResilientModule,
    global: extras.isGlobal,
    imports: [
      RedisResilientSharedModule,
      ...(extras.healthPath === false ? [] : [probesAt(extras.healthPath)]),
    ],
    providers: [...options, ...instanceProviders(extras)],
    exports: exportsOf(extras.name),
  };
}

function optionsProviders(options: RedisResilientModuleAsyncOptions, name: string | undefined): Provider[] {
  const { useFactory, inject, useClass, useExisting } = options;
  const provide = optionsToken(name);
  if (useFactory) {
    const create = async (...injected: unknown[]) => resolveOptions(await useFactory(...injected));
    return [{ provide, useFactory: create, inject: inject ?? [] }];
  }
  const factory = useClass ?? useExisting;
  const ask = async (one: RedisResilientOptionsFactory) =>
    resolveOptions(await one.createRedisResilientOptions());
  return [
    ...(useClass ? [{ provide: useClass, useClass }] : []),
    { provide, useFactory: ask, inject: factory ? [factory] : [] },
  ];
}
