import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports below the range from which systems take the local port of an outgoing connection (32768 and up
 * on Linux, 49152 on macOS). A port from that range could be taken while its server is down for a moment,
 * and a client that keeps trying to connect to it would one day be connected to itself.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;
/** The usual ports of Redis and Sentinel: never ours, even where nobody listens. */
const SPARED = new Set([16379, 26379]);

/**
 * Finds a TCP port on 127.0.0.1 on which nobody listens. Somebody else may take it before you do:
 * be ready to ask again.
 *
 * @throws Error when 100 ports tried at random were all in use.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!SPARED.has(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `No free port on 127.0.0.1 between ${LOWEST} and ${HIGHEST} in ${ATTEMPTS} attempts: end what listens there.`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
