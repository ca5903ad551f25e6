import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import { RedisResilientOptionsError } from '../errors.js';
import { flag, group, knownOnly, refuse, show, text } from '../option-checks.js';
import { DEFAULTS, type RedisResilientOptions } from '../options.js';

/** What Nest must know before any factory has run. */
export interface RedisResilientModuleExtras {
  /** Name of this instance where there is more than one; not the Sentinel's. @default none */
  name?: string;
  /** Whether every module of the application can inject the instance without importing it. @default true */
  isGlobal?: boolean;
  /** Below which path the probes answer; `false` for none. @default 'health' */
  healthPath?: string | false;
}

/** What `forRoot` takes. */
export type RedisResilientModuleOptions = RedisResilientOptions & RedisResilientModuleExtras;

/** What `useClass` and `useExisting` name. */
export interface RedisResilientOptionsFactory {
  /** Gives the options; asked once, at boot. */
  createRedisResilientOptions(): RedisResilientOptions | Promise<RedisResilientOptions>;
}

/** What `forRootAsync` takes: one of `useFactory`, `useClass` and `useExisting`, with the extras beside it. */
export interface RedisResilientModuleAsyncOptions
  extends RedisResilientModuleExtras, Pick<ModuleMetadata, 'imports'> {
  /** Gives the options, sync or async, from what `inject` names. */
  // The types of what is injected are the factory's own business, as everywhere in Nest.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  useFactory?: (...injected: any[]) => RedisResilientOptions | Promise<RedisResilientOptions>;
  /** What `useFactory` receives. */
  inject?: FactoryProvider['inject'];
  /** A class to be made for this module. */
  useClass?: Type<RedisResilientOptionsFactory>;
  /** A provider that is there already. */
  useExisting?: Type<RedisResilientOptionsFactory>;
}

/** The extras with their defaults. */
export interface ResolvedExtras {
  readonly name: string | undefined;
  readonly isGlobal: boolean;
  readonly healthPath: string | false;
}

const DEFAULT_HEALTH_PATH = 'health';
const EXTRAS = ['name', 'isGlobal', 'healthPath'];
const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;

/**
 * Takes the options of `forRoot` apart.
 * @throws RedisResilientOptionsError
 */
export function splitOptions(options: RedisResilientModuleOptions): [RedisResilientOptions, ResolvedExtras] {
  const given = group('options', options, "{ redis: { host: '127.0.0.1', port: 6379 } }");
  knownOnly('', given, ['redis', ...Object.keys(DEFAULTS), ...EXTRAS]);
  const { name, isGlobal, healthPath, ...rest } = given;
  return [rest as unknown as RedisResilientOptions, resolveExtras({ name, isGlobal, healthPath })];
}

/**
 * Checks what stands beside the factory of `forRootAsync`.
 * @throws RedisResilientOptionsError
 */
export function checkAsyncOptions(options: RedisResilientModuleAsyncOptions): ResolvedExtras {
  const given = group(
    'options',
    options,
    "{ useFactory: () => ({ redis: { host: '127.0.0.1', port: 6379 } }) }",
  );
  knownOnly('', given, ['imports', 'inject', ...SOURCES, ...EXTRAS]);
  const sources = SOURCES.filter((source) => given[source] !== undefined);
  if (sources.length !== 1) {
    throw new RedisResilientOptionsError(
      'useFactory',
      `forRootAsync needs one of ${SOURCES.join(', ')}, but got ${sources.join(' and ') || 'none'}. ` +
        "Write for example forRootAsync({ useFactory: () => ({ redis: { host: '127.0.0.1', port: 6379 } }) }).",
    );
  }
  return resolveExtras(given);
}

function resolveExtras({ name, isGlobal, healthPath }: Record<string, unknown>): ResolvedExtras {
  return {
    name:
      name === undefined ? undefined : text('name', name, 'Leave it out where there is one instance only.'),
    isGlobal: isGlobal === undefined ? true : flag('isGlobal', isGlobal),
    healthPath: healthPath === undefined ? DEFAULT_HEALTH_PATH : checkHealthPath(healthPath),
  };
}

function checkHealthPath(path: unknown): string | false {
  if (path === false) return false;
  if (typeof path === 'string' && /^[\w./~-]*[\w~-][\w./~-]*$/.test(path)) return path;
  return refuse(
    'healthPath',
    'a path of plain segments, or false for no probes',
    show(path),
    `Leave it out for '${DEFAULT_HEALTH_PATH}'.`,
  );
}
