import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { RedisOptions } from 'ioredis';
import {
  countOrNone,
  duration,
  durationOrNone,
  durations,
  flag,
  group,
  knownOnly,
  oneOf,
  refuseModuleOptions,
  text,
  withDefaults,
  withMethod,
} from './option-checks.js';
import { checkRedis } from './option-redis.js';

/** ioredis options that this package owns, because each of them would undo a promise. They are refused with the reason. */
export type OwnedRedisOption =
  'retryStrategy' | 'autoResubscribe' | 'failoverDetector' | 'lazyConnect' | 'Connector' | 'role';

/** ioredis connection options: `sentinels` + `name`, or `host` + `port`, or `path`. TLS, ACL and `natMap` pass through. */
export type RedisConnectionOptions = Omit<RedisOptions, OwnedRedisOption> & { role?: 'master' };

/** Connection options, or a function that gives them, asked for every connection; it has `keepAlive.timeout` to answer. */
export type RedisSource =
  RedisConnectionOptions | (() => RedisConnectionOptions | Promise<RedisConnectionOptions>);

/** How the subscribed connection is watched. */
export interface KeepAliveOptions {
  /** Milliseconds between two PINGs on the subscribed connection. @default 1000 */
  interval?: number;
  /** Milliseconds without an answer after which a successor is opened beside the link. @default 500 */
  suspectAfter?: number;
  /** Milliseconds without an answer after which the link is given up; also the deadline of an attempt. @default 2000 */
  timeout?: number;
}

/** A message that the instance publishes to itself, to prove that it hears. */
export interface CanaryOptions {
  /** Milliseconds between two canaries. @default 5000 */
  interval?: number;
  /** Milliseconds after which a canary that did not come back means deaf. @default 2000 */
  timeout?: number;
}

/** Delays between attempts, with full jitter, for ever. */
export interface ReconnectOptions {
  /** Upper bound in milliseconds of the first delay. @default 50 */
  minDelay?: number;
  /** Upper bound in milliseconds of any delay. @default 500 */
  maxDelay?: number;
  /** Milliseconds between attempts where Redis refuses (NOPERM, maxclients, password). @default 2000 */
  refusedDelay?: number;
}

/** What happens between the socket and the handler. */
export interface DispatchOptions {
  /** Handlers running at once. @default Infinity */
  concurrency?: number;
  /** Messages waiting for a handler. @default Infinity */
  maxPending?: number;
  /** Which message goes when `maxPending` is reached. @default 'drop-oldest' */
  overflow?: 'drop-oldest' | 'drop-newest';
}

/** `auto` recognises Nest packets strictly, `nest` expects them, `raw` never looks for them. */
export type EnvelopeMode = 'auto' | 'nest' | 'raw';
/** What a handler receives: parsed JSON (text where it is not JSON), text, or the bytes untouched. */
export type PayloadMode = 'json' | 'text' | 'buffer';
/** What becomes of messages that an old link delivers after its successor speaks. */
export type LateMessages = 'deliver' | 'drop';

/** Requests and events that this instance sends. */
export interface ClientOptions {
  /** Milliseconds after which a request without a reply fails. @default none */
  timeout?: number;
  /** Milliseconds after which a PUBLISH fails, Redis being away included. @default 2000 */
  publishTimeout?: number;
  /** Turns requests and events into what is written as JSON, sync or async. @default none */
  serializer?: Serializer;
  /** Turns what a reply holds into a reply packet, sync or async. @default that of Nest */
  deserializer?: Deserializer;
}

/** When the probes turn red. */
export interface HealthOptions {
  /** Milliseconds of provable, lonely deafness before `/health` answers 503. @default 30000 */
  livenessGrace?: number;
  /** Milliseconds without a live subscription before `/health/ready` answers 503. @default 0 */
  readinessGrace?: number;
}

/** Options of one instance. Durations are milliseconds. */
export interface RedisResilientOptions {
  /** Where Redis is. Required. */
  redis: RedisSource;
  /** How the subscribed connection is watched. */
  keepAlive?: KeepAliveOptions;
  /** The message to itself; `false` turns the canary off. */
  canary?: CanaryOptions | false;
  /** Prefix of the control channel `<prefix>:<instance>`. @default '__redis-resilient__' */
  controlPrefix?: string;
  /** Delays between attempts. */
  reconnect?: ReconnectOptions;
  /** What becomes of messages that an old link still brings. @default 'deliver' */
  lateMessages?: LateMessages;
  /** Whether packets of Nest are looked for in a payload. @default 'auto' */
  envelope?: EnvelopeMode;
  /** What handlers receive. @default 'json' */
  payload?: PayloadMode;
  /** Larger payloads are dropped and counted. Bytes. @default none */
  maxPayloadBytes?: number;
  /** How many messages run, and wait, at once. */
  dispatch?: DispatchOptions;
  /** Turns replies into what is written as JSON, sync or async. @default none */
  serializer?: Serializer;
  /** Decides instead of `envelope` what is a packet, sync or async. @default none */
  deserializer?: Deserializer;
  /** What this instance sends. */
  client?: ClientOptions;
  /** When the probes turn red. */
  health?: HealthOptions;
  /** Milliseconds that handlers in flight get at shutdown. @default 5000 */
  drainTimeout?: number;
  /** Bind handlers without a line in `main.ts`. @default true */
  autoBind?: boolean;
  /** Apply the application's global pipes, guards, interceptors and filters to handlers. @default false */
  inheritAppConfig?: boolean;
}

/** Options with every default filled in, frozen. */
export interface ResolvedOptions {
  readonly redis: RedisSource;
  readonly keepAlive: Readonly<Required<KeepAliveOptions>>;
  readonly canary: Readonly<Required<CanaryOptions>> | false;
  readonly controlPrefix: string;
  readonly reconnect: Readonly<Required<ReconnectOptions>>;
  readonly lateMessages: LateMessages;
  readonly envelope: EnvelopeMode;
  readonly payload: PayloadMode;
  readonly maxPayloadBytes: number;
  readonly dispatch: Readonly<Required<DispatchOptions>>;
  readonly serializer: Serializer | undefined;
  readonly deserializer: Deserializer | undefined;
  /** `timeout: Infinity` where none was given. */
  readonly client: Readonly<ClientOptions & Record<'timeout' | 'publishTimeout', number>>;
  readonly health: Readonly<Required<HealthOptions>>;
  readonly drainTimeout: number;
  readonly autoBind: boolean;
  readonly inheritAppConfig: boolean;
}

/** The one place where defaults stand. Durations in milliseconds. */
export const DEFAULTS = {
  keepAlive: { interval: 1000, suspectAfter: 500, timeout: 2000 },
  canary: { interval: 5000, timeout: 2000 },
  controlPrefix: '__redis-resilient__',
  reconnect: { minDelay: 50, maxDelay: 500, refusedDelay: 2000 },
  lateMessages: 'deliver',
  envelope: 'auto',
  payload: 'json',
  maxPayloadBytes: Infinity,
  dispatch: { concurrency: Infinity, maxPending: Infinity, overflow: 'drop-oldest' },
  serializer: undefined,
  deserializer: undefined,
  client: { timeout: Infinity, publishTimeout: 2000, serializer: undefined, deserializer: undefined },
  health: { livenessGrace: 30_000, readinessGrace: 0 },
  drainTimeout: 5000,
  autoBind: true,
  inheritAppConfig: false,
} as const satisfies Omit<ResolvedOptions, 'redis'>;

/**
 * Fills in every default and refuses what cannot work. The result is frozen.
 * @throws RedisResilientOptionsError that names the option, its value and the remedy
 */
export function resolveOptions(options: RedisResilientOptions): ResolvedOptions {
  const given = group('options', options, "{ redis: { host: '127.0.0.1', port: 6379 } }");
  refuseModuleOptions(given);
  knownOnly('', given, ['redis', ...Object.keys(DEFAULTS)]);
  const one = withDefaults(given, DEFAULTS);
  return Object.freeze({
    redis: resolveSource(given['redis'] as RedisSource),
    keepAlive: durations('keepAlive', given['keepAlive'], DEFAULTS.keepAlive, {
      ascending: ['suspectAfter', 'timeout'],
    }),
    canary: given['canary'] === false ? false : durations('canary', given['canary'], DEFAULTS.canary),
    controlPrefix: text('controlPrefix', one.controlPrefix, `The default is '${DEFAULTS.controlPrefix}'.`),
    reconnect: durations('reconnect', given['reconnect'], DEFAULTS.reconnect, {
      ascending: ['minDelay', 'maxDelay'],
    }),
    lateMessages: oneOf<LateMessages>('lateMessages', one.lateMessages, ['deliver', 'drop']),
    envelope: oneOf<EnvelopeMode>('envelope', one.envelope, ['auto', 'nest', 'raw']),
    payload: oneOf<PayloadMode>('payload', one.payload, ['json', 'text', 'buffer']),
    maxPayloadBytes: countOrNone('maxPayloadBytes', one.maxPayloadBytes),
    dispatch: resolveDispatch(given['dispatch']),
    serializer: withMethod<Serializer>('serializer', one.serializer, 'serialize'),
    deserializer: withMethod<Deserializer>('deserializer', one.deserializer, 'deserialize'),
    client: resolveClient(given['client']),
    health: durations('health', given['health'], DEFAULTS.health, { zero: ['readinessGrace'] }),
    drainTimeout: duration('drainTimeout', one.drainTimeout, DEFAULTS.drainTimeout),
    autoBind: flag('autoBind', one.autoBind),
    inheritAppConfig: flag('inheritAppConfig', one.inheritAppConfig),
  });
}

/**
 * Checks connection options: those of `forRoot`, and what a function source gave for a link.
 * @throws RedisResilientOptionsError, without a word of user names, passwords or keys
 */
export function checkConnection(options: unknown): RedisConnectionOptions {
  checkRedis(options, 'redis');
  return options as RedisConnectionOptions;
}

/** A source that is a function is asked, and checked, for every link. */
function resolveSource(source: RedisSource): RedisSource {
  return typeof source === 'function' ? source : Object.freeze({ ...checkConnection(source) });
}

function resolveDispatch(value: unknown): ResolvedOptions['dispatch'] {
  const given = group('dispatch', value, '{ concurrency: 8, maxPending: 10_000 }');
  knownOnly('dispatch', given, Object.keys(DEFAULTS.dispatch));
  const one = withDefaults(given, DEFAULTS.dispatch);
  return Object.freeze({
    concurrency: countOrNone('dispatch.concurrency', one.concurrency),
    maxPending: countOrNone('dispatch.maxPending', one.maxPending),
    overflow: oneOf('dispatch.overflow', one.overflow, ['drop-oldest', 'drop-newest'] as const),
  });
}

function resolveClient(value: unknown): ResolvedOptions['client'] {
  const given = group('client', value, '{ timeout: 5000 }');
  knownOnly('client', given, Object.keys(DEFAULTS.client));
  const one = withDefaults(given, DEFAULTS.client);
  return Object.freeze({
    timeout: durationOrNone('client.timeout', one.timeout),
    publishTimeout: duration('client.publishTimeout', one.publishTimeout, DEFAULTS.client.publishTimeout),
    serializer: withMethod<Serializer>('client.serializer', one.serializer, 'serialize'),
    deserializer: withMethod<Deserializer>('client.deserializer', one.deserializer, 'deserialize'),
  });
}
