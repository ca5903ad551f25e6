/** The only host on which anything here listens. */
export const LOOPBACK = '127.0.0.1';

/** A TCP address. */
export interface Address {
  host: string;
  port: number;
}

/** An address as Redis and the keys of ioredis's `natMap` write it. */
export function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}
