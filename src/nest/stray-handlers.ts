import { Transport } from '@nestjs/microservices';
import { getTransportId } from '../transport/transport-id.js';
import { describeHandler, type Handler, isFor } from './handlers.js';

/** Who listens in an application. */
export interface Listeners {
  /** Names of the instances of this package; `undefined` is the unnamed one. */
  readonly instances: readonly (string | undefined)[];
  /** Class names of the servers of other transports. */
  readonly others: readonly string[];
}

/** Warnings about handlers that are heard by more, or by fewer, than their author may think. */
export function strayHandlers(handlers: readonly Handler[], listeners: Listeners): string[] {
  const untagged = handlers.filter(({ transport }) => transport === undefined);
  return [
    ...sharedByAll(untagged, listeners),
    ...onlyNamedInstances(untagged, listeners),
    ...unknownInstance(handlers, listeners),
    ...stockTransport(handlers, listeners),
  ];
}

function sharedByAll(untagged: readonly Handler[], { instances, others }: Listeners): string[] {
  if (untagged.length === 0 || others.length === 0 || !instances.includes(undefined)) return [];
  return [
    `Handlers without a transport id are bound to every transport of this application, so to Redis and to ${others.join(', ')}: ` +
      `${listed(untagged)}. Say where each belongs: ${example(untagged, 'getTransportId()')} for Redis, ` +
      `${example(untagged, 'Transport.TCP')} for another one.`,
  ];
}

function onlyNamedInstances(untagged: readonly Handler[], { instances, others }: Listeners): string[] {
  if (untagged.length === 0 || others.length > 0 || instances.includes(undefined)) return [];
  return [
    'Handlers without a transport id belong to the RedisResilientModule without a name, and there is none: ' +
      `nobody hears ${listed(untagged)}. Name the instance: ${example(untagged, nameTransport(instances[0]))}.`,
  ];
}

function unknownInstance(handlers: readonly Handler[], { instances }: Listeners): string[] {
  const unknown = handlers.filter(
    ({ transport }) => isOurs(transport) && !instances.some((name) => isFor(name, transport)),
  );
  if (unknown.length === 0) return [];
  return [
    `Handlers with the transport id of a RedisResilientModule that is not here: nobody hears ${listed(unknown)}. ` +
      `Known: ${instances.map(nameTransport).join(', ')}.`,
  ];
}

function stockTransport(handlers: readonly Handler[], { others }: Listeners): string[] {
  const stock = handlers.filter(({ transport }) => transport === Transport.REDIS);
  if (stock.length === 0 || others.includes('ServerRedis')) return [];
  return [
    `Handlers with Transport.REDIS belong to Nest's own Redis transport, which is not connected: nobody hears ${listed(stock)}. ` +
      `Write ${example(stock, 'getTransportId()')}.`,
  ];
}

function isOurs(transport: Handler['transport']): boolean {
  const unnamed = Symbol.keyFor(getTransportId());
  return typeof transport === 'symbol' && Symbol.keyFor(transport)?.startsWith(`${unnamed}`) === true;
}

function nameTransport(name: string | undefined): string {
  return `getTransportId(${name === undefined ? '' : `'${name}'`})`;
}

function listed(handlers: readonly Handler[]): string {
  return handlers.map(describeHandler).join(', ');
}

function example([first]: readonly Handler[], transport: string): string {
  return first ? `@${first.isEvent ? 'EventPattern' : 'MessagePattern'}('${first.route}', ${transport})` : '';
}
