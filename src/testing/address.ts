/** The only host on which anything here listens. */
export const LOOPBACK = '127.0.0.1';

/** A TCP address. */
export interface Address {
  /** A name or an IP address. */
  host: string;
  /** From 1 to 65535. */
  port: number;
}

/** An address as Redis and the keys of ioredis's `natMap` write it. */
export function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}
