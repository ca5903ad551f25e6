import { connect, type Socket } from 'node:net';

import { encodeCommand, RedisReplyError, ReplyParser, type Reply } from './resp.js';

/** Where and as whom a {@link CommandClient} speaks. */
export interface CommandClientOptions {
  host: string;
  port: number;
  username?: string;
  password?: string;
  /** Milliseconds a reply may take once the command is written, and the writing before it. @default 2000 */
  timeout?: number;
}

interface Pending {
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/**
 * Sends commands to one Redis or Sentinel and awaits the replies, nothing more: no subscription, no retry.
 * It connects with its first command and again after whatever closed the connection. It does not keep the
 * process alive while it has nothing to wait for.
 */
export class CommandClient {
  private socket: Socket | undefined;
  private pending: Pending[] = [];

  constructor(private readonly options: CommandClientOptions) {}

  /**
   * @throws RedisReplyError when Redis answers with an error.
   * @throws Error when the connection fails or the reply does not come in time.
   */
  async send(...args: (string | number | Uint8Array)[]): Promise<Reply> {
    const socket = (this.socket ??= this.open());
    return this.write(socket, args);
  }

  /** Closes the connection; what still waits for a reply is rejected. */
  close(): void {
    this.drop(new Error('the command client was closed'));
  }

  private open(): Socket {
    const { host, port, username = 'default', password } = this.options;
    const parser = new ReplyParser();
    const socket = connect({ host, port, noDelay: true });
    socket.on('data', (bytes) => {
      if (socket !== this.socket) return;
      try {
        for (const reply of parser.read(bytes)) this.settle(reply);
      } catch (error) {
        this.drop(error as Error);
      }
    });
    socket.on('error', (error) => this.dropIfCurrent(socket, error));
    const closed = () => this.dropIfCurrent(socket, new Error('the connection was closed'));
    socket.on('end', closed);
    socket.on('close', closed);
    if (password !== undefined) {
      this.write(socket, ['AUTH', username, password]).catch((cause: unknown) =>
        this.dropIfCurrent(socket, cause as Error),
      );
    }
    return socket;
  }

  private write(socket: Socket, args: (string | number | Uint8Array)[]): Promise<Reply> {
    const { timeout = 2_000 } = this.options;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        if (this.pending.includes(waiting))
          this.drop(new Error(`no reply to ${String(args[0])} within ${timeout} ms`));
      };
      // After a stall of the event loop timers fire before the socket is read: the reply may be there already.
      const waiting: Pending = { resolve, reject, timer: setTimeout(() => setImmediate(giveUp), timeout) };
      this.pending.push(waiting);
      socket.ref();
      socket.write(encodeCommand(args), () => {
        if (this.pending.includes(waiting)) waiting.timer.refresh();
      });
    });
  }

  private settle(reply: Reply | RedisReplyError): void {
    const pending = this.pending.shift();
    if (!pending) return;
    clearTimeout(pending.timer);
    if (this.pending.length === 0) this.socket?.unref();
    if (reply instanceof RedisReplyError) pending.reject(reply);
    else pending.resolve(reply);
  }

  private dropIfCurrent(socket: Socket, error: Error): void {
    if (socket === this.socket) this.drop(error);
  }

  private drop(error: Error): void {
    const { pending, socket } = this;
    const { host, port } = this.options;
    this.pending = [];
    this.socket = undefined;
    socket?.destroy();
    for (const { reject, timer } of pending) {
      clearTimeout(timer);
      reject(new Error(`Redis at ${host}:${port}: ${error.message}`, { cause: error }));
    }
  }
}
