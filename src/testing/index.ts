export type { Address } from './address.js';
export type { AclUsers, ExtraConfig } from './config-lines.js';
export { freePort } from './free-port.js';
export type { Operator } from './operator.js';
export { poll, type PollOptions } from './poll.js';
export { RedisNode } from './redis-node.js';
export {
  bringRedisServer,
  findRedisServer,
  type FindRedisServerOptions,
  type RedisServer,
  RedisServerMissingError,
} from './redis-server.js';
export { RedisReplyError, type Reply } from './resp.js';
export { SentinelNode } from './sentinel-node.js';
export type { ServerProcess } from './server-process.js';
export { startRedis, type RedisOptions } from './start-redis.js';
export { startTopology, type TopologyOptions } from './start-topology.js';
export { type FaultScope, type LinkDirection, TcpLink } from './tcp-link.js';
export type { TlsCertificate } from './tls.js';
export { type NamedMaster, type SentinelClientOptions, Topology } from './topology.js';
