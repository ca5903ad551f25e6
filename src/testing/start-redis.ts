import { redisConfigLines, type AclUsers, type ExtraConfig } from './config-lines.js';
import { findBerth, launch } from './launch.js';
import { LOOPBACK } from './address.js';
import { newOperator } from './operator.js';
import { RedisNode } from './redis-node.js';
import { bringRedisServer, type RedisServer } from './redis-server.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.js';
import { writeCertificate, type TlsCertificate } from './tls.js';

/** What kind of Redis server is started. */
export interface RedisOptions {
  /** Password of the user `default`. @default none: everybody may do everything */
  password?: string;
  /** More ACL users: name → rules. A user may use the channels that its rules name and no others. */
  users?: AclUsers;
  /** Speaks TLS with this certificate, and nothing else. @default no TLS */
  tls?: TlsCertificate;
  /** More lines of its configuration file: directive → value. */
  config?: ExtraConfig;
  /** Whether clients reach it through a {@link TcpLink} (`redis.inner`). @default false */
  links?: boolean;
  /** The redis-server to run. @default what `bringRedisServer()` gives */
  server?: RedisServer;
}

/**
 * Starts one Redis server on a free port of 127.0.0.1 and resolves once it answers. `stop()` removes all of
 * it; so does the end of this process, whatever ends it.
 *
 * @throws Error when no redis-server can be had, or with the end of its log when it does not start.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisNode> {
  const { program } = options.server ?? (await bringRedisServer());
  const { tls } = options;
  const operator = newOperator();
  const [redis] = await launch(async () => {
    const folder = makeTemporaryFolder();
    const { port, links, release } = await findBerth({ outer: false, inner: options.links ?? false });
    const afterStop = async () => {
      await removeTemporaryFolder(folder);
      await release();
    };
    const config = redisConfigLines({
      port,
      folder,
      operator,
      announced: { host: LOOPBACK, port },
      password: options.password,
      tls: tls && writeCertificate(folder, tls),
      users: options.users,
      extra: options.config,
    });
    return [
      new RedisNode({ name: 'redis', program, folder, port, config, operator, tls, links, afterStop }),
    ] as const;
  });
  return redis;
}
