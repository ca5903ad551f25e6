/** What a measured process subscribes, and how it wants its messages. */
export interface Assignment {
  /** Options of ioredis. */
  redis: object;
  /** Names, or how many of `orders.<n>.*`: ten thousand names do not fit into a command line. */
  patterns: string[] | number;
  /** `enhanced`: with a pipe, a guard and an interceptor. `timed`: each message tells when it was due. */
  handler: 'plain' | 'enhanced' | 'bytes' | 'timed';
  /** Microseconds that are wasted on every message; for proving that a check can fail. */
  handicap: number;
  /** Has the stock transport's connections pipeline what they send; this library's always do. */
  autoPipelining: boolean;
}

/** What this process is told to do. */
export const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;

/** The names to subscribe. */
export const patterns =
  typeof assignment.patterns === 'number'
    ? Array.from({ length: assignment.patterns }, (_, n) => `orders.${n}.*`)
    : assignment.patterns;
