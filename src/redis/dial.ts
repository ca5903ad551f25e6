import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { RedisOptions } from 'ioredis';

/** A lost SYN is repeated by the kernel after a second only, then after two more: too late for a link that is needed now. */
const STAGGER = 500;

/**
 * Opens the socket for ioredis (its `Connector` option). While one connection attempt is unanswered another one is
 * sent beside it; the first that is through is taken. Without a deadline of its own: the attempt has one end to end.
 */
export class Dial {
  stream: Socket | undefined;
  firstError: Error | undefined;
  private readonly racing = new Set<Socket>();
  private timer: NodeJS.Timeout | undefined;
  private fail: (error: Error) => void = () => undefined;

  constructor(private readonly options: RedisOptions) {}

  check(): boolean {
    return true;
  }

  async connect(): Promise<Socket> {
    const tcp = await new Promise<Socket>((resolve, reject) => {
      this.fail = reject;
      this.race(resolve, reject);
    }).finally(() => {
      clearTimeout(this.timer);
    });
    this.stream = tcp;
    for (const loser of this.racing) if (loser !== tcp) loser.destroy();
    this.racing.clear();
    return this.options.tls ? this.secure(tcp) : tcp;
  }

  disconnect(): void {
    clearTimeout(this.timer);
    for (const socket of this.racing) socket.destroy();
    this.racing.clear();
    this.stream?.destroy();
    this.fail(new Error('Connection is closed.'));
  }

  private race(resolve: (socket: Socket) => void, reject: (error: Error) => void): void {
    const { path, host, port, family } = this.options;
    const socket = connectTcp(
      path !== undefined
        ? { path }
        : { host: host ?? 'localhost', port: port ?? 6379, ...(family === undefined ? {} : { family }) },
    );
    this.racing.add(socket);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', (error) => {
      this.firstError ??= error;
      this.racing.delete(socket);
      if (this.racing.size === 0) reject(error);
    });
    this.timer = setTimeout(() => {
      this.race(resolve, reject);
    }, STAGGER);
  }

  private async secure(tcp: Socket): Promise<TLSSocket> {
    const { host, tls } = this.options;
    const secured = connectTls({ ...(host === undefined ? {} : { host }), ...tls, socket: tcp });
    this.stream = secured;
    await new Promise<void>((resolve, reject) => {
      this.fail = reject;
      secured.once('secureConnect', resolve);
      secured.once('error', reject);
      secured.once('close', () => {
        reject(new Error('The connection was closed during the TLS handshake.'));
      });
    });
    return secured;
  }
}
