import type { RedisConnectionOptions } from '../options.js';

/** Where a server listens. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** One string for one server, fit for comparison and for an operator's eyes. */
export function addressKey(address: Address): string {
  return 'path' in address ? address.path : `${address.host}:${String(address.port)}`;
}

/** Translates an address that Redis or Sentinel names into one that is reachable from here. */
export function throughNatMap(address: Address, natMap: RedisConnectionOptions['natMap']): Address {
  if (!natMap || 'path' in address) return address;
  const key = addressKey(address);
  const mapped = typeof natMap === 'function' ? natMap(key) : natMap[key];
  return mapped ? { host: mapped.host, port: mapped.port } : address;
}
