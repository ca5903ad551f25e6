import { LOOPBACK, type Address } from './address.js';
import type { Operator } from './operator.js';
import { tlsConfigLines, type TlsFiles } from './tls.js';

/** More lines of the configuration file: directive → value. */
export type ExtraConfig = Readonly<Record<string, string | number>>;

/** ACL users: name → rules, as in `{ app: 'on >secret ~* &orders:* +@all' }`. */
export type AclUsers = Readonly<Record<string, string>>;

/** What the configuration of a Redis server is made of. */
export interface RedisConfig {
  port: number;
  folder: string;
  operator: Operator;
  /** The host from which it connects to others, where that is one of its own. */
  source?: string | undefined;
  /** The address that others are told. */
  announced: Address;
  /** The password of the user `default`. */
  password?: string | undefined;
  tls?: TlsFiles | undefined;
  users?: AclUsers | undefined;
  extra?: ExtraConfig | undefined;
  /** The address of the master whose replica it is. */
  replicaOf?: Address | undefined;
}

/** What the configuration of a Sentinel is made of. */
export interface SentinelConfig {
  id: string;
  port: number;
  folder: string;
  operator: Operator;
  source?: string | undefined;
  announced: Address;
  password?: string | undefined;
  tls?: TlsFiles | undefined;
  users?: AclUsers | undefined;
  masterName: string;
  master: Address;
  quorum: number;
  downAfter: number;
  failoverTimeout: number;
  replicas: readonly Address[];
  otherSentinels: readonly (Address & { id: string })[];
}

/**
 * Nothing is written to disk, a replica is in sync as soon as it can be, and the operator may do everything.
 */
export function redisConfigLines(config: RedisConfig): string[] {
  const { operator, announced, replicaOf, users = {}, extra = {} } = config;
  return [
    ...commonLines(config),
    'save ""',
    'appendonly no',
    'repl-diskless-sync yes',
    'repl-diskless-sync-delay 0',
    'acl-pubsub-default resetchannels',
    `masteruser ${operator.username}`,
    `masterauth ${operator.password}`,
    `replica-announce-ip ${announced.host}`,
    `replica-announce-port ${announced.port}`,
    ...userLines(users),
    ...Object.entries(extra).map(([directive, value]) => `${directive} ${value}`),
    ...(replicaOf ? [`replicaof ${replicaOf.host} ${replicaOf.port}`] : []),
  ];
}

/**
 * The Sentinel is told of the replicas and of the other Sentinels in the words of its own saved state: it
 * need not discover them, which takes it up to ten seconds.
 */
export function sentinelConfigLines(config: SentinelConfig): string[] {
  const { masterName: name, operator, announced, master, users = {} } = config;
  return [
    ...commonLines(config),
    'acl-pubsub-default resetchannels',
    ...userLines(users),
    `sentinel myid ${config.id}`,
    `sentinel announce-ip ${announced.host}`,
    `sentinel announce-port ${announced.port}`,
    `sentinel sentinel-user ${operator.username}`,
    `sentinel sentinel-pass ${operator.password}`,
    `sentinel monitor ${name} ${master.host} ${master.port} ${config.quorum}`,
    `sentinel auth-user ${name} ${operator.username}`,
    `sentinel auth-pass ${name} ${operator.password}`,
    `sentinel down-after-milliseconds ${name} ${config.downAfter}`,
    `sentinel failover-timeout ${name} ${config.failoverTimeout}`,
    `sentinel parallel-syncs ${name} ${Math.max(1, config.replicas.length)}`,
    ...config.replicas.map(({ host, port }) => `sentinel known-replica ${name} ${host} ${port}`),
    ...config.otherSentinels.map(
      ({ host, port, id }) => `sentinel known-sentinel ${name} ${host} ${port} ${id}`,
    ),
  ];
}

function commonLines(config: RedisConfig | SentinelConfig): string[] {
  const { port, folder, operator, source, password, tls } = config;
  return [
    ...(tls ? tlsConfigLines(port, tls) : [`port ${port}`]),
    `bind ${LOOPBACK}`,
    'protected-mode no',
    ...(source === undefined ? [] : [`bind-source-addr ${source}`]),
    `dir "${folder}"`,
    `user ${operator.username} on >${operator.password} ~* &* +@all`,
    ...(password === undefined ? [] : [`requirepass "${password}"`]),
  ];
}

function userLines(users: AclUsers): string[] {
  return Object.entries(users).map(([name, rules]) => `user ${name} ${rules}`);
}
