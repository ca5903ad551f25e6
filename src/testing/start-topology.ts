import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { redisConfigLines, sentinelConfigLines, type AclUsers, type ExtraConfig } from './config-lines.js';
import { findBerth, launch } from './launch.js';
import { LOOPBACK, type Address } from './address.js';
import { newOperator, type Operator } from './operator.js';
import { poll } from './poll.js';
import { RedisNode } from './redis-node.js';
import { bringRedisServer, type RedisServer } from './redis-server.js';
import { SentinelNode } from './sentinel-node.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.js';
import { writeCertificate, type TlsCertificate, type TlsFiles } from './tls.js';
import { Topology } from './topology.js';

/** What kind of topology is started. Durations are in milliseconds. */
export interface TopologyOptions {
  /** Number of replicas. @default 2 */
  replicas?: number;
  /** Number of Sentinels. @default 3 */
  sentinels?: number;
  /** The name by which the Sentinels know the master. @default 'mymaster' */
  masterName?: string;
  /** How many Sentinels must find the master down before they act. @default a majority of them */
  quorum?: number;
  /**
   * After how long a silence a Sentinel takes a server for down (`down-after-milliseconds`). With 1000 or less it deposes a
   * healthy master now and then, which it may have PINGed for the first time a second after that one's promotion. @default 2000
   */
  downAfter?: number;
  /** How long the Sentinels may take over a step of a failover (`failover-timeout`). @default 10000 */
  failoverTimeout?: number;
  /** Password of the user `default` on the Redis servers. @default none */
  password?: string;
  /** Password of the user `default` on the Sentinels. @default none */
  sentinelPassword?: string;
  /**
   * More ACL users on the Redis servers: name → rules. A user may use the channels that its rules name and no
   * others.
   */
  users?: AclUsers;
  /** More ACL users on the Sentinels, as above. */
  sentinelUsers?: AclUsers;
  /**
   * The servers and the Sentinels speak TLS with this certificate, and nothing else. Clients need not show one; let the servers
   * ask for it with `config: { 'tls-auth-clients': 'yes' }`. @default no TLS
   */
  tls?: TlsCertificate;
  /** More lines of the configuration file of every Redis server: directive → value. */
  config?: ExtraConfig;
  /**
   * Whether every server and Sentinel is reached through two {@link TcpLink}s: `outer`, by the other servers
   * and the Sentinels, and `inner`, by the clients of the test. @default false
   */
  links?: boolean;
  /** The redis-server to run. @default what `bringRedisServer()` gives */
  server?: RedisServer;
}

/** What every process of one topology has in common. */
interface Site {
  program: string;
  folder: string;
  operator: Operator;
  /** Where the files of the certificate are. */
  tls: TlsFiles | undefined;
  linked: { outer: boolean; inner: boolean };
  /** Gives the next process a host of its own to connect from. */
  nextSource: () => string | undefined;
}

const READY_DEADLINE = 45_000;

/**
 * Starts a master, its replicas and the Sentinels that watch them, on free ports of 127.0.0.1. Resolves once
 * the replicas are in sync and every Sentinel knows the master, the replicas and the other Sentinels.
 * `stop()` removes all of it; so does the end of this process, whatever ends it.
 *
 * @throws Error when no redis-server can be had, or with the end of the log of what does not start.
 */
export async function startTopology(options: TopologyOptions = {}): Promise<Topology> {
  const { masterName = 'mymaster', links = false } = options;
  const server = options.server ?? (await bringRedisServer());
  const folder = makeTemporaryFolder();
  const site: Site = {
    program: server.program,
    folder,
    operator: newOperator(),
    tls: options.tls && writeCertificate(folder, options.tls),
    linked: { outer: links, inner: links },
    nextSource: sourcesFor(server),
  };
  const nodes: RedisNode[] = [];
  const sentinels: SentinelNode[] = [];
  const { password, sentinelPassword, tls } = options;
  const afterStop = () => removeTemporaryFolder(folder);
  const topology = new Topology({ masterName, nodes, sentinels, password, sentinelPassword, tls, afterStop });
  try {
    const [master] = await launch(async () => [await makeNode(site, options, 'redis-1')] as const);
    nodes.push(master);
    const replicaNames = Array.from({ length: options.replicas ?? 2 }, (_, index) => `redis-${index + 2}`);
    const replicas = await launch(() =>
      Promise.all(replicaNames.map((name) => makeNode(site, options, name, master.address))),
    );
    nodes.push(...replicas);
    await poll(() => areInSync(master, replicas), { deadline: READY_DEADLINE, what: 'replicas in sync' });
    sentinels.push(...(await launch(() => makeSentinels(site, options, masterName, master, replicas))));
    await poll(() => knowAll(sentinels, replicas), {
      deadline: READY_DEADLINE,
      what: 'Sentinels that know the master, the replicas and each other',
    });
    return topology;
  } catch (error) {
    await topology.stop();
    throw error;
  }
}

async function makeNode(
  site: Site,
  options: TopologyOptions,
  name: string,
  replicaOf?: Address,
): Promise<RedisNode> {
  const { program, operator } = site;
  const { password, users, config: extra } = options;
  const { port, links, release: afterStop } = await findBerth(site.linked);
  const folder = join(site.folder, name);
  const source = site.nextSource();
  const announced = links.outer?.address ?? { host: LOOPBACK, port };
  const common = { port, folder, operator, source, afterStop };
  const config = redisConfigLines({ ...common, announced, password, tls: site.tls, users, extra, replicaOf });
  return new RedisNode({ ...common, name, program, config, tls: options.tls, links });
}

async function makeSentinels(
  site: Site,
  options: TopologyOptions,
  masterName: string,
  master: RedisNode,
  replicas: readonly RedisNode[],
): Promise<SentinelNode[]> {
  const { program, operator } = site;
  const count = options.sentinels ?? 3;
  const seats = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { port, links, release } = await findBerth(site.linked);
      const id = randomBytes(20).toString('hex');
      const announced = { ...(links.outer?.address ?? { host: LOOPBACK, port }), id };
      return { name: `sentinel-${index + 1}`, port, links, afterStop: release, id, announced };
    }),
  );
  return seats.map(({ name, port, links, afterStop, id, announced }) => {
    const common = { port, folder: join(site.folder, name), operator, source: site.nextSource(), afterStop };
    const config = sentinelConfigLines({
      ...common,
      id,
      announced,
      password: options.sentinelPassword,
      tls: site.tls,
      users: options.sentinelUsers,
      masterName,
      master: master.address,
      quorum: options.quorum ?? Math.floor(count / 2) + 1,
      downAfter: options.downAfter ?? 2_000,
      failoverTimeout: options.failoverTimeout ?? 10_000,
      replicas: replicas.map((replica) => replica.address),
      otherSentinels: seats.filter((other) => other.id !== id).map((other) => other.announced),
    });
    return new SentinelNode({ ...common, name, program, config, tls: options.tls, links }, masterName);
  });
}

/**
 * Every address of 127.0.0.0/8 is there on Linux, and Redis 7 can choose the one it connects from: so a link
 * sees which process a connection comes from. Elsewhere it cannot.
 */
function sourcesFor({ version }: RedisServer): Site['nextSource'] {
  let last = 9;
  const canChoose = process.platform === 'linux' && Number.parseInt(version) >= 7;
  return () => (canChoose ? `127.0.0.${++last}` : undefined);
}

async function areInSync(master: RedisNode, replicas: readonly RedisNode[]): Promise<boolean> {
  const states = await Promise.all(replicas.map((replica) => replica.info('master_link_status')));
  const lines = await Promise.all(replicas.map((_, index) => master.info(`slave${index}`)));
  return states.every((state) => state === 'up') && lines.every((line) => line?.includes('state=online'));
}

async function knowAll(sentinels: readonly SentinelNode[], replicas: readonly RedisNode[]): Promise<boolean> {
  const seen = await Promise.all(
    sentinels.map(async (sentinel) => {
      const known = await sentinel.replicas();
      const others = await sentinel.sentinels();
      return (
        (await sentinel.master()).flags === 'master' &&
        known.filter((each) => each.flags === 'slave' && each['master-link-status'] === 'ok').length ===
          replicas.length &&
        others.filter((each) => each.flags === 'sentinel').length === sentinels.length - 1
      );
    }),
  );
  return seen.every(Boolean);
}
