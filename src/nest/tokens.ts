import { RedisResilientKeepAlive } from '../redis/keep-alive.js';
import { RedisResilientMonitor } from '../redis/monitor.js';
import { RedisResilientClient } from '../transport/client.js';
import { RedisResilientServer } from '../transport/server.js';

/** What a module instance provides under its name. */
export type RedisResilientPart =
  | typeof RedisResilientServer
  | typeof RedisResilientClient
  | typeof RedisResilientKeepAlive
  | typeof RedisResilientMonitor;

const PARTS = new Map<RedisResilientPart, string>([
  [RedisResilientServer, 'server'],
  [RedisResilientClient, 'client'],
  [RedisResilientKeepAlive, 'keep-alive'],
  [RedisResilientMonitor, 'monitor'],
]);

/**
 * The injection token of what a named instance provides, as in
 * `@Inject(getRedisResilientToken(RedisResilientMonitor, 'billing'))`. Of the unnamed instance the class is the token as well.
 *
 * @param part `RedisResilientServer`, `RedisResilientClient`, `RedisResilientKeepAlive` or `RedisResilientMonitor`
 */
export function getRedisResilientToken(part: RedisResilientPart, name?: string): symbol {
  return tokenOf(PARTS.get(part) ?? part.name, name);
}

/** A token that is the same symbol from every copy of this package in a process. */
export function tokenOf(part: string, name: string | undefined): symbol {
  return Symbol.for(`@redis-resilient/nestjs:${part}${name === undefined ? '' : `:${name}`}`);
}
