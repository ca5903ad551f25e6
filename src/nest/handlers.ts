import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { Transport } from '@nestjs/microservices';
import { getTransportId } from '../transport/transport-id.js';

// The names under which Nest's decorators keep what they were given, in Nest 11 and 12; it exports none of them.
const PATTERNS = 'microservices:pattern';
const TRANSPORT = 'microservices:transport';
const HANDLER_TYPE = 'microservices:handler_type';
const EXTRAS = 'microservices:pattern_extras';
/** Nest's `PatternHandler.EVENT`. */
const EVENT = 2;

/** One pattern of one decorated method of one controller. */
export interface Handler {
  readonly pattern: unknown;
  /** The pattern in one form: equal for equal patterns. */
  readonly route: string;
  readonly isEvent: boolean;
  readonly transport: Transport | symbol | undefined;
  /** The object that Nest hands to a server with the handler; the same one each time. */
  readonly extras: object;
  /** `OrdersController.onOrder` */
  readonly method: string;
  /** `OrdersController.onOrder in OrdersModule` */
  readonly place: string;
}

/** Every handler of the application's controllers, whichever transport it is for. */
export function handlersOf(modules: ModulesContainer): Handler[] {
  return [...modules.values()].flatMap((module) =>
    [...module.controllers.values()]
      .map(({ metatype }) => metatype)
      .filter((metatype) => typeof metatype === 'function')
      .flatMap((metatype) => handlersOfController(metatype as Type, module.name)),
  );
}

/** Whether an instance binds the handler: its own ones, and the unnamed instance those that name no transport. */
export function isFor(name: string | undefined, transport: Handler['transport']): boolean {
  return transport === undefined ? name === undefined : transport === getTransportId(name);
}

function handlersOfController(controller: Type, module: string): Handler[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const callback = prototype[name] as object;
    const patterns = (Reflect.getMetadata(PATTERNS, callback) ?? []) as unknown[];
    const method = `${controller.name}.${name}`;
    return patterns.map((pattern) => ({
      pattern,
      route: routeOf(pattern),
      isEvent: Reflect.getMetadata(HANDLER_TYPE, callback) === EVENT,
      transport: Reflect.getMetadata(TRANSPORT, callback) as Handler['transport'],
      extras: Reflect.getMetadata(EXTRAS, callback) as object,
      method,
      place: `${method} in ${module}`,
    }));
  });
}

/** Texts and numbers as they are, objects with their keys in order: as Nest compares them. */
function routeOf(pattern: unknown): string {
  return typeof pattern === 'object' && pattern !== null ? JSON.stringify(sorted(pattern)) : String(pattern);
}

function sorted(value: object): unknown {
  if (value instanceof RegExp) return String(value);
  const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(
    entries.map(([key, one]) => [key, typeof one === 'object' && one !== null ? sorted(one) : one]),
  );
}

/** `orders.* → OrdersController.onOrder` */
export function describeHandler({ route, method }: Handler): string {
  return `${route} → ${method}`;
}
