import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { claimFreePort, type PortClaim } from './free-port.js';
import { LinkConnection } from './link-connection.js';
import { LOOPBACK, type Address } from './address.js';

/** The direction in which a link carries bytes: from clients to the server, from the server to clients. */
export type LinkDirection = 'toServer' | 'toClient';

/** Which connections a fault is for. */
export interface FaultScope {
  /** Those that are open now, those that will be opened, or both. @default 'all' */
  connections?: 'open' | 'new' | 'all';
  /** Only those that come from these hosts. @default every host */
  from?: readonly string[];
}

/** A stretch of silence on a link. */
interface BlackHole {
  directions: readonly LinkDirection[];
  swallows(connection: LinkConnection): boolean;
}

const ATTEMPTS = 10;

/**
 * A TCP proxy in this process, on a port of its own on 127.0.0.1, whose network one can break.
 *
 * Both ends of every connection are sockets of this machine, so their kernels go on acknowledging what they
 * receive: what a fault takes away is the bytes between the applications, not the segments between the
 * kernels. For the same reason a client whose server is not there is connected first and reset then.
 *
 * A link does not keep the process alive.
 */
export class TcpLink {
  /** Where it listens. */
  readonly address: Address;
  private readonly open = new Set<LinkConnection>();
  private readonly holes = new Set<BlackHole>();
  private server: Server | undefined;
  private delays: Record<LinkDirection, number> = { toServer: 0, toClient: 0 };

  private constructor(
    private target: Address,
    private readonly claim: PortClaim,
  ) {
    this.address = { host: LOOPBACK, port: claim.port };
  }

  /**
   * Opens a link to a server, which need not be there yet.
   *
   * @throws Error when no port of 127.0.0.1 can be had.
   */
  static async to(target: Address): Promise<TcpLink> {
    for (let attempt = 1; ; attempt++) {
      const link = new TcpLink(target, await claimFreePort());
      try {
        await link.accept();
        return link;
      } catch (error) {
        await link.claim.release();
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** How many connections it carries now; a black hole swallows bytes, not connections. */
  get connections(): number {
    return this.open.size;
  }

  /**
   * Lets nothing through any more, silently: sockets stay open, new connections are accepted, and what is
   * sent waits in buffers, the end of a connection included. When it heals, everything is delivered in order,
   * as TCP does after a partition.
   *
   * @returns a function that heals this black hole and no other.
   */
  blackHole(direction: LinkDirection | 'both' = 'both', scope: FaultScope = {}): () => void {
    const { connections = 'all', from } = scope;
    const openNow = new Set(this.open);
    const hole: BlackHole = {
      directions: direction === 'both' ? ['toServer', 'toClient'] : [direction],
      swallows: (connection) =>
        (connections === 'all' || (connections === 'open') === openNow.has(connection)) &&
        (!from || from.includes(connection.from)),
    };
    this.holes.add(hole);
    this.applyBlackHoles();
    return () => {
      this.holes.delete(hole);
      this.applyBlackHoles();
    };
  }

  /**
   * Ends every black hole of this link. What was forgotten stays forgotten, what refuses goes on refusing.
   */
  heal(): void {
    this.holes.clear();
    this.applyBlackHoles();
  }

  /**
   * Forgets the open connections, as a firewall does whose table has overflowed: neither end is told, and
   * they never carry another byte. New connections work.
   */
  forget(): void {
    for (const connection of this.open) connection.forget();
  }

  /** Delays what is sent from now on by so many milliseconds; 0 ends it. */
  delay(milliseconds: number, direction: LinkDirection | 'both' = 'both'): void {
    if (direction !== 'toClient') this.delays.toServer = milliseconds;
    if (direction !== 'toServer') this.delays.toClient = milliseconds;
  }

  /** Leads new connections to another server, as an address that moved does; open ones stay where they are. */
  redirect(target: Address): void {
    this.target = target;
  }

  /** Says something to the server in the name of every client that is connected. */
  inject(bytes: string | Uint8Array): void {
    for (const connection of this.open) connection.inject(bytes);
  }

  /** Resets the open connections: both ends receive a RST (`ECONNRESET`). */
  reset(): void {
    for (const connection of this.open) connection.reset();
  }

  /** Ends the open connections in an orderly way: both ends receive a FIN. */
  fin(): void {
    for (const connection of this.open) connection.fin();
  }

  /** Refuses new connections (`ECONNREFUSED`) until {@link accept}; open ones go on. */
  refuse(): void {
    this.server?.close();
    this.server = undefined;
  }

  /** Accepts connections again, at the same port. */
  async accept(): Promise<void> {
    if (this.server) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.carry(client));
    this.server = server;
    try {
      server.listen(this.address.port, this.address.host);
      await once(server, 'listening');
      server.unref();
    } catch (error) {
      this.server = undefined;
      throw error;
    }
  }

  /** Closes the port and resets every connection. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.reset();
    if (server) {
      server.close();
      await once(server, 'close');
    }
    await this.claim.release();
  }

  private carry(client: Socket): void {
    const connection = new LinkConnection(client, this.target, this.delays);
    this.open.add(connection);
    connection.onClosed(() => this.open.delete(connection));
    this.applyBlackHolesTo(connection);
  }

  private applyBlackHoles(): void {
    for (const connection of this.open) this.applyBlackHolesTo(connection);
  }

  private applyBlackHolesTo(connection: LinkConnection): void {
    const swallowing = [...this.holes].filter((hole) => hole.swallows(connection));
    connection.setSilent(
      'toServer',
      swallowing.some((hole) => hole.directions.includes('toServer')),
    );
    connection.setSilent(
      'toClient',
      swallowing.some((hole) => hole.directions.includes('toClient')),
    );
  }
}
