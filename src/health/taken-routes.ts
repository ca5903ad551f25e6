import { RequestMethod, type Type, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import { type ApplicationConfig, MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { RedisResilientOptionsError } from '../errors.js';
import { joinPath, probePaths } from './probe-paths.js';

// The names under which Nest's decorators keep what they were given, in Nest 11 and 12; it exports none of them.
const PATH = 'path';
const METHOD = 'method';
const VERSION = '__version__';
const MODULE_PATH = '__module_path__';

type Version = string | typeof VERSION_NEUTRAL | (string | typeof VERSION_NEUTRAL)[] | undefined;

interface Route {
  /** Without the global prefix, which all routes share. */
  readonly path: string;
  readonly method: RequestMethod;
  readonly version: Version;
  /** `CatsController.health` */
  readonly place: string;
}

/**
 * Refuses probes whose routes another controller has already.
 *
 * @param own the module of the probes themselves
 * @throws RedisResilientOptionsError that names the other controller
 */
export function refuseTakenRoutes(
  path: string,
  own: Type,
  modules: ModulesContainer,
  config: ApplicationConfig,
): void {
  const wanted = new Set(probePaths(path));
  for (const route of routesOf(modules, own)) {
    const answersGet = route.method === RequestMethod.GET || route.method === RequestMethod.ALL;
    if (!answersGet || !wanted.has(route.path) || standsBelowItsVersion(route.version, config)) continue;
    throw new RedisResilientOptionsError(
      'healthPath',
      `GET ${route.path} exists already in ${route.place}, and the probes of Redis would take it too. ` +
        "Give them another path: forRoot({ healthPath: 'redis-health', ... }), or none: healthPath: false.",
    );
  }
}

function* routesOf(modules: ModulesContainer, own: Type): Generator<Route> {
  const scanner = new MetadataScanner();
  for (const module of modules.values()) {
    if (module.metatype === own) continue;
    const before = (Reflect.getMetadata(MODULE_PATH + modules.applicationId, module.metatype) ??
      '') as string;
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as Record<string, object>;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name] as object;
        const method = Reflect.getMetadata(METHOD, handler) as RequestMethod | undefined;
        if (method === undefined) continue;
        const version = versionOf(handler) ?? versionOf(metatype);
        for (const above of pathsOf(metatype)) {
          for (const below of pathsOf(handler)) {
            yield {
              path: joinPath(before, above, below),
              method,
              version,
              place: `${metatype.name}.${name}`,
            };
          }
        }
      }
    }
  }
}

/** A version in the URI makes another path of it. */
function standsBelowItsVersion(version: Version, config: ApplicationConfig): boolean {
  const versioning = config.getVersioning();
  if (versioning?.type !== VersioningType.URI) return false;
  const versions = [version ?? versioning.defaultVersion ?? VERSION_NEUTRAL].flat();
  return !versions.includes(VERSION_NEUTRAL);
}

function pathsOf(target: object): string[] {
  return [(Reflect.getMetadata(PATH, target) as string | string[] | undefined) ?? ''].flat();
}

function versionOf(target: object): Version {
  return Reflect.getMetadata(VERSION, target) as Version;
}
