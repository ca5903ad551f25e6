import type { TcpLink } from './tcp-link.js';

/** The only host on which anything here listens. */
export const LOOPBACK = '127.0.0.1';

/** A TCP address. */
export interface Address {
  host: string;
  port: number;
}

/** The links that lead to a server, where it has any. */
export interface NodeLinks {
  /** For servers and Sentinels. */
  outer?: TcpLink | undefined;
  /** For clients. */
  inner?: TcpLink | undefined;
}

/** The links of a server that is reached directly. */
export const NO_LINKS: NodeLinks = {};

/** An address as Redis and the keys of ioredis's `natMap` write it. */
export function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}
