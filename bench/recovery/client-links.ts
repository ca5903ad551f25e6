import { TcpLink, type Address, type RedisNode, type Topology } from '../../src/testing/index.js';
import { formatAddress } from '../../src/testing/address.js';

/** The way of one client to every server and Sentinel: connection options that each library can be given. */
export interface ClientConnection {
  sentinels: Address[];
  name: string;
  natMap?: Record<string, Address>;
  username: string;
  password: string;
}

type Server = Pick<RedisNode, 'name' | 'host' | 'port' | 'address' | 'outer'>;

/** Where a client's connections come from; the servers have addresses of their own. */
const CLIENT_HOST = '127.0.0.1';

/** The way of one client to every server and Sentinel, and what can happen on it. */
export interface ClientLinks {
  /** Options that lead a client this way, as the given ACL user. */
  connection(user: { username: string; password: string }): ClientConnection;
  /** Lets nothing through any more on the connections to a server that are open now. */
  blackHoleOpen(server: Server): void;
  /** Resets the connections to a server. */
  reset(server: Server): void;
  /** Cuts the client off from everything, silently; gives the function that heals it. */
  cutOff(): () => void;
  close(): Promise<void>;
}

/** Links that nobody else uses; the client finds them by `natMap`. */
export async function ownLinks(topology: Topology): Promise<ClientLinks> {
  const servers: Server[] = [...topology.nodes, ...topology.sentinels];
  const links = new Map<string, TcpLink>();
  for (const { name, host, port } of servers) links.set(name, await TcpLink.to({ host, port }));
  const linkTo = ({ name }: Server) => links.get(name) as TcpLink;
  return {
    connection: (user) => ({
      sentinels: topology.sentinels.map((each) => linkTo(each).address),
      name: topology.masterName,
      natMap: Object.fromEntries(servers.map((each) => [formatAddress(each.address), linkTo(each).address])),
      ...user,
    }),
    blackHoleOpen: (server) => {
      linkTo(server).blackHole('both', { connections: 'open' });
    },
    reset: (server) => linkTo(server).reset(),
    cutOff: () => allOf(servers.map((each) => linkTo(each).blackHole())),
    close: async () => {
      await Promise.all(servers.map((each) => linkTo(each).close()));
    },
  };
}

/**
 * The links that the servers use among themselves, at the addresses that the Sentinels give: for a client that
 * does badly with translated ones. Its connections are told from those of the servers by the host they come from.
 *
 * @throws Error where the servers have no host of their own.
 */
export function sharedLinks(topology: Topology): ClientLinks {
  const servers = [...topology.nodes, ...topology.sentinels];
  if (servers.some(({ source }) => source === undefined)) {
    throw new Error(
      'This needs Linux and Redis 7 or later, where a server can choose the address it connects from.',
    );
  }
  const from = [CLIENT_HOST];
  return {
    connection: (user) => ({
      sentinels: topology.sentinels.map(({ address }) => address),
      name: topology.masterName,
      ...user,
    }),
    blackHoleOpen: ({ outer }) => {
      outer.blackHole('both', { connections: 'open', from });
    },
    reset: () => undefined,
    cutOff: () => allOf(servers.map(({ outer }) => outer.blackHole('both', { from }))),
    close: async () => undefined,
  };
}

function allOf(functions: (() => void)[]): () => void {
  return () => functions.forEach((each) => each());
}
