/** Who is measured, and how each is set up. */
export interface Competitor {
  readonly key: string;
  /** As the tables call it. */
  readonly title: string;
  /** Its program in `peers/`. */
  readonly program: string;
  /** The options it gets beside the way to Sentinel and Redis; durations in milliseconds. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What is set beside `options`, in words. */
  readonly beside?: string;
  /**
   * Whether it copes with addresses that are not those which the Sentinels give. node-redis 6.3 with
   * `nodeAddressMap` takes the master for changed, and connects anew, whenever it asks the Sentinels.
   */
  readonly translates: boolean;
  /**
   * Milliseconds after which TCP keep-alive closes a connection on which nothing comes any more, where it is
   * asked to do so within the time that is measured. The links of this lab are TCP proxies, whose kernels go on
   * answering the probes; so the lab does what the kernel would do.
   */
  readonly tcpKeepAlive?: number;
}

/** The initial delay and ten probes, one per second: libuv's settings on Linux; 10.8 s between two network namespaces. */
const KEEP_ALIVE = { delay: 1_000, closesAfter: 11_000 };

/**
 * What did best here of what ioredis documents. Without `failoverDetector` a frozen master keeps a subscriber for
 * longer than we watch; with `disconnectTimeout` at its default, two seconds longer than needed; with longer
 * timeouts a hung Sentinel ends the client more often.
 */
const IOREDIS_AT_ITS_BEST = {
  keepAlive: KEEP_ALIVE.delay,
  connectTimeout: 1_000,
  disconnectTimeout: 200,
  socketTimeout: 2_000,
  commandTimeout: 2_000,
  sentinelCommandTimeout: 500,
  failoverDetector: true,
  maxRetriesPerRequest: null,
};

/** The first is this library. */
export const COMPETITORS: readonly [Competitor, ...Competitor[]] = [
  {
    key: 'redis-resilient',
    title: 'this library, defaults',
    program: 'redis-resilient.ts',
    translates: true,
    options: {},
  },
  {
    key: 'nest-defaults',
    title: 'stock Nest, defaults',
    program: 'stock-nest.ts',
    translates: true,
    options: {},
  },
  {
    key: 'nest-best',
    title: 'stock Nest, best options',
    program: 'stock-nest.ts',
    translates: true,
    options: { retryAttempts: 1_000_000, retryDelay: 500, ...IOREDIS_AT_ITS_BEST },
    tcpKeepAlive: KEEP_ALIVE.closesAfter,
  },
  {
    key: 'ioredis',
    title: 'ioredis, best options',
    program: 'ioredis.ts',
    translates: true,
    options: IOREDIS_AT_ITS_BEST,
    beside:
      '`retryStrategy: (attempt) => Math.min(attempt * 50, 500)`, `sentinelRetryStrategy: () => 100`, `autoResubscribe` as by default',
    tcpKeepAlive: KEEP_ALIVE.closesAfter,
  },
  {
    key: 'node-redis',
    title: 'node-redis, best options',
    program: 'node-redis.mjs',
    translates: false,
    options: {
      scanInterval: 1_000,
      maxCommandRediscovers: 1_000_000,
      nodeClientOptions: {
        pingInterval: 500,
        socket: { connectTimeout: 1_000, socketTimeout: 1_000, reconnectStrategy: 100 },
      },
      sentinelClientOptions: {
        pingInterval: 500,
        socket: { connectTimeout: 1_000, socketTimeout: 1_000 },
      },
    },
  },
];
