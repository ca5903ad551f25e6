import { claimFreePort } from './free-port.js';
import { LOOPBACK } from './address.js';
import type { NodeLinks } from './node-links.js';
import type { ServerProcess } from './server-process.js';
import { TcpLink } from './tcp-link.js';

/** A place to listen on, and the links that lead to it. */
export interface Berth {
  port: number;
  links: NodeLinks;
  /** Gives the port back, once its server was stopped for good. */
  release: () => Promise<void>;
}

const ATTEMPTS = 5;

/** Finds a free port and opens the links to it. */
export async function findBerth(linked: { outer: boolean; inner: boolean }): Promise<Berth> {
  const { port, release } = await claimFreePort();
  const target = { host: LOOPBACK, port };
  return {
    port,
    release,
    links: {
      outer: linked.outer ? await TcpLink.to(target) : undefined,
      inner: linked.inner ? await TcpLink.to(target) : undefined,
    },
  };
}

/**
 * Makes processes and starts them together; makes them anew where somebody else took one of their ports
 * meanwhile.
 */
export async function launch<T extends readonly ServerProcess[]>(make: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const processes = await make();
    const starts = await Promise.allSettled(processes.map((each) => each.start()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (!failed) return processes;
    await Promise.all(processes.map((each) => each.stop()));
    if (attempt === ATTEMPTS || !String(failed.reason).includes('Address already in use'))
      throw failed.reason;
  }
}
