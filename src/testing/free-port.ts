import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

import { LOOPBACK } from './address.js';

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
 * Who listens here on the same port has claimed it. None of our servers uses this address, and the system lifts the claim
 * with the end of the process.
 */
const CLAIM_HOST = process.platform === 'linux' ? '127.0.0.2' : '::1';

/** A port of 127.0.0.1 that no other test of this machine is given, whether somebody listens on it or not. */
export interface PortClaim {
  readonly port: number;
  readonly release: () => Promise<void>;
}

/**
 * Finds a TCP port on 127.0.0.1 on which nobody listens. Somebody else may take it before you do:
 * be ready to ask again.
 *
 * @throws Error when 100 ports tried at random were all in use.
 */
export async function freePort(): Promise<number> {
  const claim = await claimFreePort();
  await claim.release();
  return claim.port;
}

/**
 * As {@link freePort}, and keeps it for a server that may be dead for a while. A Sentinel goes on asking at the address of a
 * dead server, believes whoever answers there, and would make a stranger its replica or its master.
 */
export async function claimFreePort(): Promise<PortClaim> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    const claim = SPARED.has(port) ? null : await claimPort(port);
    if (claim) return claim;
  }
  throw new Error(
    `No free port on 127.0.0.1 between ${LOWEST} and ${HIGHEST} in ${ATTEMPTS} attempts: end what listens there.`,
  );
}

/** @returns `null` where somebody listens on the port or has claimed it */
export async function claimPort(port: number): Promise<PortClaim | null> {
  let claim: Server | undefined;
  try {
    claim = await listen(port, CLAIM_HOST);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    // The machine has no such address: nobody can claim a port.
  }
  const release = () => close(claim);
  try {
    await close(await listen(port, LOOPBACK));
    return { port, release };
  } catch {
    await release();
    return null;
  }
}

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer().unref().listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Closing what is closed does no harm. */
async function close(server: Server | undefined): Promise<void> {
  await new Promise<unknown>((resolve) => (server ? server.close(resolve) : resolve(undefined)));
}
