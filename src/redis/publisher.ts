import { RedisResilientError } from '../errors.js';
import { retryDelay, type BackoffBounds } from '../subscription/backoff.js';
import { AnswerWatch } from './answer-watch.js';
import { addressKey, type Address } from './address.js';
import { bareOptions, Connection } from './connection.js';
import { startPatientTimer } from './patient-timer.js';
import { publishError } from './publish-error.js';
import { failureKind, rootMessage } from './refusal.js';
import type { OptionsSource } from './topology.js';

interface PublisherOptions {
  /** Deadline in milliseconds of one attempt to connect. */
  readonly connectTimeout: number;
  readonly backoff: BackoffBounds;
  /** A PUBLISH was not acknowledged. */
  failed(code: string): void;
}

interface Waiter {
  resolve(connection: Connection): void;
  reject(error: Error): void;
}

/**
 * Publishes to the master over a connection of its own, made when it is first needed. Nothing is sent twice: a PUBLISH
 * whose connection ends fails, because nobody can tell whether Redis had executed it.
 */
export class Publisher {
  private address: Address | null = null;
  private connection: Connection | null = null;
  private attempt: Connection | null = null;
  private connecting = false;
  private attempts = 0;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private readonly waiters = new Set<Waiter>();
  private readonly answers = new AnswerWatch((connection, timeout) => {
    this.drop(connection, timeout);
  });
  private readonly finishing = new Map<Connection, NodeJS.Timeout>();
  private lastError: unknown = null;
  private closed = false;

  constructor(
    private readonly source: OptionsSource,
    private readonly options: PublisherOptions,
  ) {}

  /** The server that a PUBLISH goes to now, or `null` while there is no connection. */
  get server(): string | null {
    return this.connection && this.address ? addressKey(this.address) : null;
  }

  /** Goes to another master from now on. What is under way to the old one is left to finish there. */
  retarget(address: Address): void {
    if (this.address && addressKey(this.address) === addressKey(address)) return;
    this.address = address;
    this.reconnect();
  }

  /** Opens a new connection, with options asked for anew. */
  reconnect(): void {
    const old = this.connection;
    this.connection = null;
    this.attempt?.destroy();
    this.attempt = null;
    this.attempts += 1;
    this.connecting = false;
    clearTimeout(this.retry);
    if (old) this.letFinish(old);
    if (this.waiters.size > 0) this.connect();
  }

  /**
   * @param timeout milliseconds within which this settles, whatever happens
   * @returns the number of clients that Redis believes to have reached; it proves nothing, dead links are counted too
   * @throws RedisResilientError CONNECTION, REFUSED, TIMEOUT or CLOSED
   */
  async publish(channel: string | Buffer, payload: string | Buffer, timeout: number): Promise<number> {
    const connection = this.connection ?? (await this.connected(timeout));
    this.answers.asked(connection, timeout);
    connection.gatherWrites();
    try {
      return await connection.client.publish(channel, payload);
    } catch (error) {
      const failure = publishError(error, this.lastError, channel);
      this.options.failed(failure.code);
      throw failure;
    } finally {
      this.answers.answered(connection);
    }
  }

  /** Makes the connection where there is none yet; waits for nothing. */
  connect(): void {
    if (this.connecting || this.connection || !this.address || this.closed) return;
    this.connecting = true;
    clearTimeout(this.retry);
    const attempt = (this.attempts += 1); // an older one opens no connection any more
    this.source()
      .then((options) => (attempt === this.attempts ? this.open(options) : undefined))
      .catch((error: unknown) => {
        if (attempt === this.attempts) this.retryLater(error);
      });
  }

  /**
   * Whether the server is a master; `null` where it does not say or there is no connection.
   *
   * @param timeout milliseconds of silence after which the connection is given up
   */
  async isMaster(timeout: number): Promise<boolean | null> {
    const { connection } = this;
    if (!connection) return null;
    this.answers.asked(connection, timeout);
    const role: unknown = await connection.client.role().catch(() => null);
    this.answers.answered(connection);
    return Array.isArray(role) ? role[0] === 'master' : null;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.answers.follow(null);
    for (const [old, timer] of this.finishing) {
      clearTimeout(timer);
      old.destroy();
    }
    this.connection?.destroy();
    this.attempt?.destroy();
    this.connection = null;
    const words = 'The connection to Redis is closed: the application shuts down.';
    for (const waiter of this.waiters) waiter.reject(new RedisResilientError('CLOSED', words));
    this.waiters.clear();
  }

  private async connected(timeout: number): Promise<Connection> {
    if (this.closed) throw new RedisResilientError('CLOSED', 'The connection to Redis is closed.');
    return new Promise<Connection>((resolve, reject) => {
      const cancelDeadline = startPatientTimer(timeout, () => {
        this.waiters.delete(waiter);
        const code = failureKind(this.lastError) === 'refused' ? 'REFUSED' : 'TIMEOUT';
        this.options.failed(code);
        const words = this.lastError === null ? '' : ` Last error: ${rootMessage(this.lastError)}`;
        reject(
          new RedisResilientError(
            code,
            `Redis could not be reached within ${String(timeout)} ms (client.publishTimeout).${words}`,
            { cause: this.lastError },
          ),
        );
      });
      const waiter: Waiter = {
        resolve: (connection) => {
          cancelDeadline();
          resolve(connection);
        },
        reject: (error) => {
          cancelDeadline();
          reject(error);
        },
      };
      this.waiters.add(waiter);
      this.connect();
    });
  }

  private async open(options: Awaited<ReturnType<OptionsSource>>): Promise<void> {
    if (this.closed || !this.address) return;
    const connection = new Connection(bareOptions(options), this.address, {
      closed: (error) => {
        this.lost(connection, error);
      },
    });
    this.attempt = connection;
    const deadline = setTimeout(() => {
      connection.destroy();
      this.lost(connection, new RedisResilientError('TIMEOUT', 'Redis accepted no connection in time.'));
    }, this.options.connectTimeout);
    try {
      await connection.ready;
    } catch {
      return; // `closed` has told
    } finally {
      clearTimeout(deadline);
    }
    if (this.attempt !== connection) return;
    this.attempt = null;
    this.connecting = false;
    this.failures = 0;
    this.lastError = null;
    this.connection = connection;
    this.answers.follow(connection);
    for (const waiter of this.waiters) waiter.resolve(connection);
    this.waiters.clear();
  }

  private lost(connection: Connection, error: unknown): void {
    if (connection === this.connection) {
      this.connection = null;
      this.lastError = error;
      if (this.waiters.size > 0) this.connect();
    } else if (connection === this.attempt) {
      this.attempt = null;
      this.retryLater(error);
    }
  }

  private retryLater(error: unknown): void {
    this.connecting = false;
    this.lastError = error;
    if (this.waiters.size === 0 || this.closed) return;
    const delay = retryDelay(this.failures, Math.random(), this.options.backoff);
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.connect();
    }, delay);
  }

  private drop(connection: Connection, timeout: number): void {
    if (connection !== this.connection) return;
    this.connection = null;
    this.lastError = new RedisResilientError('TIMEOUT', `No answer from Redis within ${String(timeout)} ms.`);
    connection.destroy();
  }

  private letFinish(old: Connection): void {
    const end = (): void => {
      this.finishing.delete(old);
      old.destroy();
    };
    if (this.answers.isIdle) end();
    else this.finishing.set(old, setTimeout(end, this.options.connectTimeout));
    this.answers.follow(null);
  }
}
