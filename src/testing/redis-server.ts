import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';

import { unpackDebianPackage } from './debian-package.js';
import { runCommand } from './run-command.js';

/** A redis-server of this machine that is new enough. */
export interface RedisServer {
  /**
   * The program; with the argument `--sentinel` it is a Sentinel. It must be called by the name
   * `redis-server`.
   */
  program: string;
  /** The program `redis-cli` that came with it; `undefined` where there is none. */
  cli: string | undefined;
  /** As in `7.0.15`. */
  version: string;
}

/** Where a redis-server is looked for. */
export interface FindRedisServerOptions {
  /** The folder into which one is brought. @default `.redis` beside the nearest package.json */
  folder?: string;
  /** Is told, in one line each, what is about to be done. @default a line on stderr */
  say?: (line: string) => void;
}

const OLDEST = [6, 2] as const;
const UNPACKED = 'redis-tools';

const HOW_TO_INSTALL = [
  '  Debian, Ubuntu   sudo apt-get update && sudo apt-get install redis-tools   (the server is in it; it starts no service)',
  '  Fedora           sudo dnf install redis        (Fedora 41 and later: sudo dnf install valkey-compat-redis)',
  '  Alpine           sudo apk add redis',
  '  macOS            brew install redis',
].join('\n');

/** No redis-server could be found or brought; the message says how to install one. */
export class RedisServerMissingError extends Error {
  override readonly name = 'RedisServerMissingError';

  constructor(reason: string, cause?: unknown) {
    super(
      `No redis-server of version ${OLDEST.join('.')} or later: ${reason}\n` +
        `Install one, or name one in the environment variable REDIS_SERVER:\n${HOW_TO_INSTALL}`,
      { cause },
    );
  }
}

/**
 * Looks for a redis-server: in the environment variable `REDIS_SERVER`, then in PATH, then among what
 * {@link bringRedisServer} brought earlier. It changes nothing.
 *
 * @throws RedisServerMissingError when `REDIS_SERVER` names something that is none, or one that is too old.
 */
export async function findRedisServer(
  options: FindRedisServerOptions = {},
): Promise<RedisServer | undefined> {
  const named = process.env.REDIS_SERVER;
  if (named) {
    const server = await inspect(resolve(named));
    if (!server) throw new RedisServerMissingError(`REDIS_SERVER names ${named}, which is not one.`);
    return server;
  }
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
    binFolder(projectFolder(options)),
  ];
  for (const folder of folders) {
    for (const name of ['redis-server', 'redis-check-rdb']) {
      const server = await inspect(join(folder, name));
      if (server) return server;
    }
  }
  return undefined;
}

/**
 * Gives a redis-server in any case: where {@link findRedisServer} finds none, it unpacks the Debian or Ubuntu
 * package `redis-tools` into a folder of the project. Nothing is installed, no service is started, no root is
 * needed. Callers in several processes may do so at the same time.
 *
 * @throws RedisServerMissingError when there is none and none can be brought.
 */
export async function bringRedisServer(options: FindRedisServerOptions = {}): Promise<RedisServer> {
  const found = await findRedisServer(options);
  if (found) return found;
  const { say = (line: string) => void process.stderr.write(`${line}\n`) } = options;
  const folder = projectFolder(options);
  try {
    await unpackDebianPackage({ folder, name: UNPACKED, say });
  } catch (error) {
    throw new RedisServerMissingError((error as Error).message, error);
  }
  const brought = await findRedisServer(options);
  if (!brought)
    throw new RedisServerMissingError('the one unpacked from the package redis-tools does not run.');
  say(`Redis ${brought.version} is in ${folder}`);
  return brought;
}

/** What a program says it is, when called by the name that makes a Redis server of it. */
async function inspect(program: string): Promise<RedisServer | undefined> {
  if (!(await isExecutable(program))) return undefined;
  const { stdout } = await runCommand(program, ['--version'], { argv0: 'redis-server' });
  const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (!version || !isNewEnough(version)) return undefined;
  const beside = join(dirname(program), 'redis-cli');
  return { program, cli: existsSync(beside) ? beside : undefined, version };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function binFolder(folder: string): string {
  return join(folder, UNPACKED, 'bin');
}

function projectFolder({ folder }: FindRedisServerOptions): string {
  if (folder) return resolve(folder);
  let at = process.cwd();
  while (!existsSync(join(at, 'package.json')) && dirname(at) !== at) at = dirname(at);
  return join(existsSync(join(at, 'package.json')) ? at : process.cwd(), '.redis');
}
