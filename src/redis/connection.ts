import { Redis, type RedisOptions } from 'ioredis';
import type { Address } from './address.js';
import { Dial } from './dial.js';
import { withoutCommand } from './refusal.js';

/** Options of ioredis that concern one connection: what finds a master, or would bring a connection back, is gone. */
export type BareOptions = Omit<
  RedisOptions,
  'sentinels' | 'name' | 'role' | 'natMap' | 'host' | 'port' | 'path'
>;

interface Hooks {
  /** Once, whatever ended the connection; not after `destroy()`. */
  closed(error: Error | null): void;
  /** For each chunk of bytes, after ioredis has parsed it. */
  data?(): void;
}

/**
 * One ioredis client for one TCP connection. It never reconnects, queues, resends or re-subscribes: nothing that
 * happened on it can be mistaken for something of its successor.
 */
export class Connection {
  readonly client: Redis;
  /** `performance.now()` of the last bytes. */
  heardAt = performance.now();
  /** Settles when commands may be sent; rejects when the connection ended before. */
  readonly ready: Promise<void>;
  private lastError: Error | null = null;
  private ended = false;
  private gathering = false;

  constructor(
    options: BareOptions,
    address: Address,
    private readonly hooks: Hooks,
  ) {
    this.client = new Redis({
      ...options,
      ...address,
      Connector: Dial as unknown as NonNullable<RedisOptions['Connector']>,
      lazyConnect: true,
      retryStrategy: () => null,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
    });
    this.client.on('error', (error: Error) => {
      this.lastError ??= withoutCommand(error);
    });
    this.ready = this.open();
    this.ready.catch(() => undefined);
    this.client.once('close', () => {
      this.end();
    });
    this.client.once('end', () => {
      this.end();
    });
  }

  /** Whether a subscribed connection may run any command. ioredis 5 and Redis before 6 speak RESP2. */
  get resp3(): boolean {
    const { condition } = this.client as unknown as { condition?: { protocol?: number } };
    return condition?.protocol === 3;
  }

  /**
   * What is sent until the event loop has read its sockets goes out in one write. ioredis's own auto-pipelining costs three times
   * as much: a pipeline's commands stay in memory until the last of them is answered, and the collector copies them about.
   */
  gatherWrites(): void {
    if (this.gathering) return;
    this.gathering = true;
    const { stream } = this.client;
    stream.cork();
    setImmediate(() => {
      this.gathering = false;
      stream.uncork();
    });
  }

  /** What is sent meanwhile goes out in one write, and its answers most likely come in one read. */
  inOneWrite<T>(send: () => T): T {
    const { stream } = this.client;
    stream.cork();
    try {
      return send();
    } finally {
      stream.uncork();
    }
  }

  /** Closes the socket at once, without a word to the server, which may be frozen. Silent afterwards. */
  destroy(): void {
    this.ended = true;
    this.client.disconnect();
    this.client.stream?.destroy();
  }

  private async open(): Promise<void> {
    const watch = (): void => {
      // ioredis keeps to itself what a server says before it closes the door: `-ERR max number of clients reached`.
      this.client.stream.once('data', (bytes: Buffer) => {
        if (bytes[0] === ERROR_REPLY) this.lastError ??= new Error(firstLine(bytes));
      });
      // Bytes count even before the handshake is through; ioredis has its own listener in front of this one.
      this.client.stream.on('data', () => {
        this.heardAt = performance.now();
        this.hooks.data?.();
      });
    };
    this.client.once('connect', watch);
    try {
      await this.client.connect();
      // ioredis 5 calls a connection ready that it has just given up, because its AUTH was refused.
      if (this.client.stream.destroyed) throw new Error('Connection is closed.');
      this.lastError = null;
    } catch (error) {
      throw this.lastError ?? withoutCommand(error);
    }
  }

  private end(): void {
    if (this.ended) return;
    this.destroy();
    this.hooks.closed(this.lastError);
  }
}

/** The `-` with which Redis begins an error. */
const ERROR_REPLY = 0x2d;

function firstLine(reply: Buffer): string {
  return reply.toString('utf8', 1).split('\r\n', 1)[0] ?? '';
}

/** Takes from the user's options what one connection may know. */
export function bareOptions(options: RedisOptions): BareOptions {
  const bare: RedisOptions = { ...options };
  for (const name of NOT_FOR_ONE_CONNECTION) Reflect.deleteProperty(bare, name);
  // As in ioredis: behind Sentinels `tls` is meant for the data nodes only where this says so.
  if (options.sentinels && options.enableTLSForSentinelMode !== true) Reflect.deleteProperty(bare, 'tls');
  return bare;
}

/** The options for a connection to a Sentinel, which has credentials and TLS of its own. */
export function sentinelOptions(options: RedisOptions): BareOptions {
  const { sentinelUsername, sentinelPassword, sentinelTLS } = options;
  const { username: _u, password: _p, db: _d, tls: _t, keyPrefix: _k, ...rest } = bareOptions(options);
  return {
    ...rest,
    ...(sentinelUsername == null ? {} : { username: sentinelUsername }),
    ...(sentinelPassword == null ? {} : { password: sentinelPassword }),
    ...(sentinelTLS ? { tls: sentinelTLS } : {}),
  };
}

/** Each either finds a master or works against the promises of a link; its timers would outlive or misjudge one. */
const NOT_FOR_ONE_CONNECTION = [
  'sentinels',
  'name',
  'role',
  'natMap',
  'host',
  'port',
  'path',
  'sentinelUsername',
  'sentinelPassword',
  'sentinelTLS',
  'sentinelCommandTimeout',
  'sentinelRetryStrategy',
  'sentinelReconnectStrategy',
  'sentinelMaxConnections',
  'enableTLSForSentinelMode',
  'updateSentinels',
  'preferredSlaves',
  'failoverDetector',
  'socketTimeout',
  'commandTimeout',
  'connectTimeout',
  'reconnectOnError',
  'readOnly',
] as const;
