/** What is measured, in the order of the tables. */
export const PEERS = {
  ours: { title: 'this library', program: 'redis-resilient' },
  bare: { title: 'bare strategy', program: 'bare' },
  ioredis: { title: 'ioredis alone', program: 'ioredis' },
  stock: { title: 'stock Nest', program: 'stock-nest' },
} as const;

export type Peer = keyof typeof PEERS;

/** Those that answer requests. */
export const ASKED = {
  ours: { title: 'this library', program: 'requests-redis-resilient', autoPipelining: false },
  byHand: { title: 'by hand on ioredis', program: 'requests-ioredis', autoPipelining: false },
  stock: { title: 'stock Nest', program: 'requests-stock-nest', autoPipelining: false },
  pipelined: { title: 'stock Nest, auto-pipelining', program: 'requests-stock-nest', autoPipelining: true },
} as const;

export type AskedPeer = keyof typeof ASKED;
