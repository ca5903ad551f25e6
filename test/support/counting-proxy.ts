import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What went through since the last `take()`. */
export interface Traffic {
  /** Bytes in both directions. */
  bytes: number;
  /** Commands of clients; right as long as no argument looks like the head of a command. */
  commands: number;
  /** Pieces in which the bytes of clients came: at most as many as they made writes. */
  writes: number;
}

const NOTHING: Traffic = { bytes: 0, commands: 0, writes: 0 };

/** Stands between clients and a server and counts what they say to each other. */
export class CountingProxy {
  private traffic = { ...NOTHING };
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  readonly host = '127.0.0.1';

  static async to(target: { host: string; port: number }): Promise<CountingProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new CountingProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.carry(client, connect({ ...target, noDelay: true })));
    return proxy;
  }

  /** What was counted since the last time. */
  take(): Traffic {
    const { traffic } = this;
    this.traffic = { ...NOTHING };
    return traffic;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private carry(client: Socket, server: Socket): void {
    client.on('data', (bytes) => {
      this.traffic.bytes += bytes.length;
      this.traffic.writes += 1;
      this.traffic.commands += bytes.toString('latin1').match(/\*\d+\r\n/g)?.length ?? 0;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      this.traffic.bytes += bytes.length;
      client.write(bytes);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
