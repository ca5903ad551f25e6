import type { RedisOptions } from 'ioredis';
import { RedisResilientError } from '../errors.js';
import type { Address } from './address.js';
import { bareOptions, Connection } from './connection.js';
import { SubscriptionSync } from './subscription-sync.js';
import type { Permissions } from './permissions.js';
import { failureKind } from './refusal.js';
import type { SubscriptionKind, Subscriptions } from './subscriptions.js';

/** What a link tells. Never called after `destroy()`. */
export interface LinkListener {
  /** Connected to a master; the first SUBSCRIBE is sent when this returns. */
  subscribing(link: Link): void;
  /** Redis acknowledged some of the subscriptions, perhaps not all. Not told of a live link. */
  progress(link: Link): void;
  /** Every wanted subscription was answered, though perhaps refused. */
  live(link: Link): void;
  failed(link: Link, error: unknown, refused: boolean): void;
  closed(link: Link, error: Error | null): void;
  heard(link: Link): void;
  /** Something came on the control channel. */
  control(link: Link, word: string): void;
  /** The set of acknowledged or refused subscriptions may have changed on a live link, or could not be changed now. */
  changed(link: Link): void;
}

/** Receives every message of a link but those on the control channel. */
export type Receiver = (kind: SubscriptionKind, name: string, channel: Buffer, payload: Buffer) => void;

/** One subscribed connection, from its making to its end: connect, ask ROLE, subscribe, acknowledged, live, destroyed. */
export class Link {
  /** Where messages go; the supervisor changes it during a hand-over. */
  receive: Receiver = () => undefined;
  readonly sync: SubscriptionSync;
  /** Bytes that the server held for us unread, as last measured; `null` where it does not say. */
  outputBuffer: number | null = null;
  private connection: Connection | null = null;
  private alive = false;
  private destroyed = false;

  constructor(
    readonly id: number,
    readonly address: Address,
    wanted: Subscriptions,
    private readonly controlChannel: string,
    private readonly permissions: Permissions,
    private readonly listener: LinkListener,
  ) {
    this.sync = new SubscriptionSync(wanted, controlChannel, permissions, () => {
      if (!this.alive && !this.destroyed) this.listener.progress(this);
    });
  }

  get heardAt(): number | null {
    return this.connection?.heardAt ?? null;
  }

  get resp3(): boolean {
    return this.connection?.resp3 ?? false;
  }

  get isDestroyed(): boolean {
    return this.destroyed;
  }

  /** Makes the link. Reports to the listener; never rejects. */
  async open(source: () => Promise<RedisOptions>): Promise<void> {
    try {
      const options = await source();
      if (this.isDestroyed) return;
      const connection = this.connect(options);
      await connection.ready;
      await this.refuseReplica(connection);
      if (this.isDestroyed) return;
      this.listener.subscribing(this);
      await this.sync.run(connection.client);
      if (this.isDestroyed) return;
      this.alive = true;
      this.listener.live(this);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What `ask` asks of the server goes out in one write. Only once it is connected. */
  inOneWrite(ask: () => void): void {
    this.connection?.inOneWrite(ask);
  }

  /** Resolves with the answer; an error of Redis is an answer too. Rejects when the link ended before. */
  async ping(): Promise<void> {
    await answered(this.permissions.allowed('ping', this.client.ping()));
  }

  /** Whether the server is a master; `null` where it does not say. Asked on the subscribed connection, so RESP3 only. */
  async isMaster(): Promise<boolean | null> {
    return roleIsMaster(await this.permissions.allowed('role', this.client.role()));
  }

  /**
   * Asks the server how many bytes it holds for this link because they are not read yet; it closes the connection when they
   * are too many (`client-output-buffer-limit pubsub`). RESP3 only; `CLIENT INFO` may be forbidden.
   */
  async measureOutputBuffer(): Promise<void> {
    if (!this.resp3) return;
    const info = await this.permissions.allowed('client|info', this.client.call('CLIENT', 'INFO'));
    const bytes = / omem=(\d+)/.exec(String(info))?.[1];
    this.outputBuffer = bytes === undefined ? null : Number(bytes);
  }

  /** PUBLISH on the subscribed connection itself (RESP3 only). */
  async publish(channel: string, message: string): Promise<void> {
    await this.client.publish(channel, message);
  }

  /** Brings the subscriptions on the server in line with what is wanted. */
  resync(options: { retryRefused: boolean } = { retryRefused: false }): void {
    if (!this.alive || !this.connection) return;
    if (options.retryRefused) this.sync.retryRefused();
    void this.sync
      .run(this.connection.client)
      .catch(() => undefined) // the connection ended, and `closed` says so; or the server is busy: see `changed`
      .then(() => {
        if (!this.destroyed) this.listener.changed(this);
      });
  }

  /** Asks the server whether it holds every subscription of this link; repeats them all where one is missing. */
  async reconcile(): Promise<boolean> {
    if (!this.alive || !this.connection) return true;
    const complete = await this.sync.reconcile(this.connection.client);
    if (!complete) this.resync();
    return complete;
  }

  destroy(): void {
    this.destroyed = true;
    this.receive = () => undefined;
    this.connection?.destroy();
  }

  private get client(): Connection['client'] {
    if (!this.connection) throw new RedisResilientError('CLOSED', 'The link is not connected.');
    return this.connection.client;
  }

  private connect(options: RedisOptions): Connection {
    const connection = new Connection(bareOptions(options), this.address, {
      closed: (error) => {
        if (this.destroyed) return;
        if (this.alive) this.listener.closed(this, error);
        else this.fail(error ?? new RedisResilientError('CONNECTION', 'Redis closed the connection.'));
      },
      data: () => {
        if (this.alive && !this.destroyed) this.listener.heard(this);
      },
    });
    this.connection = connection;
    const { client } = connection;
    client.on('pmessageBuffer', (pattern: string, channel: Buffer, payload: Buffer) => {
      this.receive('pattern', pattern, channel, payload);
    });
    client.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      const name = channel.toString();
      if (name === this.controlChannel) {
        if (!this.destroyed) this.listener.control(this, payload.toString());
      } else this.receive('channel', name, channel, payload);
    });
    return connection;
  }

  private async refuseReplica(connection: Connection): Promise<void> {
    const role: unknown = await this.permissions.allowed('role', connection.client.role());
    if (roleIsMaster(role) === false) {
      const name = String((role as unknown[])[0]);
      throw new RedisResilientError(
        'CONNECTION',
        name === 'sentinel'
          ? 'This address is a Sentinel, not a data node. Give it as `redis.sentinels` together with `redis.name`.'
          : `This node is a ${name}, not a master. Waiting for a master to take over.`,
      );
    }
  }

  private fail(error: unknown): void {
    if (this.destroyed) return;
    this.destroy();
    this.listener.failed(this, error, failureKind(error) === 'refused');
  }
}

function roleIsMaster(role: unknown): boolean | null {
  return Array.isArray(role) ? role[0] === 'master' : null;
}

async function answered(command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (error) {
    // LOADING, BUSY: whoever refuses has heard us.
    if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
  }
}
