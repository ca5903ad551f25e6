import type { Redis } from 'ioredis';
import { RedisResilientError } from '../errors.js';
import { addressKey, type Address } from './address.js';
import { Connection, sentinelOptions } from './connection.js';
import { startPatientTimer } from './patient-timer.js';
import type { Permission, Permissions } from './permissions.js';
import { isNoPermission } from './refusal.js';
import type { OptionsSource } from './topology.js';

/** What one Sentinel said. */
export interface SentinelReport {
  readonly master: Address & { readonly host: string };
  readonly epoch: number;
  /** How many Sentinels watch this master, itself included. */
  readonly sentinels: number;
  /** When it was asked, on the monotonic clock. */
  readonly sentAt: number;
}

/** Another Sentinel, as one of them describes it. */
export interface Sibling {
  readonly address: { readonly host: string; readonly port: number };
  readonly runId: string;
}

export interface SentinelListener {
  readonly permissions: Permissions;
  reported(view: SentinelView): void;
  failed(view: SentinelView, error: unknown): void;
  /** `+switch-master` of our master. */
  switched(): void;
  /** `+selected-slave` of our master: this replica is being made the master. */
  selected(address: Address): void;
}

/** What Sentinels tell on their own Pub/Sub, see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
const SWITCHED = '+switch-master';
const SELECTED = '+selected-slave';

/** One Sentinel as seen from here, over a connection of its own. A poll that is not answered in time ends the connection. */
export class SentinelView {
  /** The answer to the last poll; `null` once a poll failed. */
  report: SentinelReport | null = null;
  runId: string | null = null;
  /** Whether a poll has ended, either way. Before, its silence means nothing. */
  concluded = false;
  private asking: Connection | null = null;
  private hearing: Connection | null = null;
  private cancelDeadline = (): void => undefined;
  /** Counts the polls; nothing that belongs to an older one may change anything any more. */
  private polls = 0;
  private polling = false;
  private closed = false;

  constructor(
    readonly address: Address,
    /** Found through another Sentinel rather than configured. */
    readonly discovered: boolean,
    private readonly master: string,
    private readonly source: OptionsSource,
    private readonly timeout: number,
    private readonly listener: SentinelListener,
  ) {}

  /** Asks now, unless a question is under way. Never rejects. */
  poll(): void {
    if (this.polling || this.closed) return;
    this.polling = true;
    const poll = (this.polls += 1);
    this.cancelDeadline = startPatientTimer(this.timeout, () => {
      this.fail(new RedisResilientError('TIMEOUT', `No answer within ${String(this.timeout)} ms.`));
    });
    const sentAt = performance.now();
    this.ask(sentAt, poll).then(
      (report) => {
        if (this.isOver(poll)) return;
        this.settle();
        this.report = report;
        this.listener.reported(this);
      },
      (error: unknown) => {
        if (!this.isOver(poll)) this.fail(error);
      },
    );
  }

  /** The other Sentinels that this one knows. */
  async siblings(): Promise<readonly Sibling[]> {
    if (!this.asking) return [];
    const asked = this.asking.client.call('SENTINEL', 'SENTINELS', this.master) as Promise<string[][]>;
    const replies = await this.allowed('sentinel|sentinels', asked);
    return (replies ?? []).map((reply) => {
      const fields = pairs(reply);
      return {
        address: { host: fields.get('ip') ?? '', port: Number(fields.get('port')) },
        runId: fields.get('runid') ?? '',
      };
    });
  }

  close(): void {
    this.closed = true;
    this.settle();
    this.disconnect();
  }

  private async ask(sentAt: number, poll: number): Promise<SentinelReport> {
    const asking = this.asking ?? (await this.connect(poll));
    const { client } = asking;
    const [address, details] = await asking.inOneWrite(() =>
      Promise.all([
        client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.master) as Promise<[string, string] | null>,
        client.call('SENTINEL', 'MASTER', this.master) as Promise<string[]>,
      ]),
    );
    if (!address) throw new RedisResilientError('CONNECTION', 'No such master with that name');
    const fields = pairs(details);
    return {
      master: { host: address[0], port: Number(address[1]) },
      epoch: Number(fields.get('config-epoch') ?? 0),
      sentinels: Number(fields.get('num-other-sentinels') ?? 0) + 1,
      sentAt,
    };
  }

  private async connect(poll: number): Promise<Connection> {
    const options = sentinelOptions(await this.source());
    this.refuseLate(poll);
    const open = (): Connection =>
      new Connection(options, this.address, {
        closed: (error) => {
          this.fail(error ?? new RedisResilientError('CONNECTION', 'The Sentinel closed the connection.'));
        },
      });
    const asking = open();
    this.asking = asking;
    await asking.ready;
    this.runId = await this.allowed('sentinel|myid', myId(asking.client));
    this.refuseLate(poll);
    // Under RESP2 a subscribed connection may not ask.
    const hearing = asking.resp3 ? asking : open();
    this.hearing = hearing;
    await hearing.ready;
    hearing.client.on('message', (channel: string, message: string) => {
      this.hear(channel, message.split(' '));
    });
    await this.allowed('sentinel subscribe', hearing.client.subscribe(SWITCHED, SELECTED));
    return asking;
  }

  private allowed<T>(permission: Permission, command: Promise<T>): Promise<T | null> {
    return this.listener.permissions.allowed(permission, command, addressKey(this.address));
  }

  /** `<master> <old host> <old port> …`, and `slave <name> <host> <port> @ <master> …`. */
  private hear(channel: string, words: readonly string[]): void {
    if (channel === SWITCHED && words[0] === this.master) this.listener.switched();
    const [, , host, port, , master] = words;
    if (channel !== SELECTED || master !== this.master || host === undefined) return;
    this.listener.selected({ host, port: Number(port) });
  }

  private isOver(poll: number): boolean {
    return this.closed || !this.polling || poll !== this.polls;
  }

  private refuseLate(poll: number): void {
    if (this.isOver(poll)) throw new RedisResilientError('CLOSED', 'This poll of the Sentinel is over.');
  }

  private fail(error: unknown): void {
    if (this.closed) return;
    this.settle();
    this.report = null;
    this.disconnect();
    this.listener.failed(this, error);
  }

  private settle(): void {
    this.polling = false;
    this.concluded = true;
    this.cancelDeadline();
  }

  private disconnect(): void {
    this.asking?.destroy();
    this.hearing?.destroy();
    this.asking = null;
    this.hearing = null;
  }
}

/** Sentinels before Redis 6.2 do not tell; then the address has to serve as the identity. */
async function myId(client: Redis): Promise<string | null> {
  return (client.call('SENTINEL', 'MYID') as Promise<string>).catch((error: unknown) => {
    if (isNoPermission(error)) throw error;
    return null;
  });
}

function pairs(flat: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index + 1 < flat.length; index += 2)
    fields.set(flat[index] ?? '', flat[index + 1] ?? '');
  return fields;
}
