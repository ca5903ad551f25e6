import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bringRedisServer, type RedisNode } from '../../src/testing/index.js';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../examples/publishers/publish.py', import.meta.url));

/** A program that knows nothing of Nest, and publishes. */
export interface RawPublisher {
  readonly name: string;
  readonly publish: (channel: string, payload: string) => Promise<unknown>;
}

/**
 * Those that this machine has; a client of our own that writes RESP is always among them. Python publishes with redis-py
 * where that is installed, else over a plain socket; its name says which.
 */
export async function rawPublishers(redis: RedisNode): Promise<[RawPublisher, ...RawPublisher[]]> {
  const { host, port } = redis.clientAddress;
  const { cli } = await bringRedisServer();
  const found: [RawPublisher, ...RawPublisher[]] = [
    { name: 'a RESP client', publish: (channel, payload) => redis.publish(channel, payload) },
  ];
  if (cli) {
    found.push({
      name: 'redis-cli',
      publish: (...args) => run(cli, ['-h', host, '-p', String(port), 'publish', ...args]),
    });
  }
  const python = (...args: [string, string]): Promise<{ stdout: string }> =>
    run('python3', [SCRIPT, host, String(port), ...args]);
  try {
    const { stdout } = await python('nobody', 'hello');
    found.push({ name: `Python with ${stdout.trim().replace(/^.* with /, '')}`, publish: python });
  } catch (cause) {
    // A machine without Python is no failure; a script that does not run is one.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  return found;
}
