/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters -- Nest's signatures */
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { connectable, defer, Observable, Subject, type Subscription } from 'rxjs';
import { RedisResilientError } from '../errors.js';
import { type RedisResilientOptions, resolveOptions } from '../options.js';
import { Engine } from '../redis/engine.js';
import type { RedisResilientMonitor } from '../redis/monitor.js';
import { type ComplaintKind, Complaints } from './complaints.js';
import { isPromiseLike } from './event-outcome.js';
import { MonitorListeners, type RedisResilientEvents } from './monitor-listeners.js';
import { encode } from './packets.js';
import { Requests } from './requests.js';
import { type RedisResilientStatus, statusOf } from './status.js';

/**
 * Sends events (`emit`) and requests (`send`) to the master that the instance follows. Cold and hot as Nest's own clients: each
 * subscription to `send()` is a request, `emit()` happens at once.
 *
 * The signatures are Nest's, `any` included, so that code written for another client compiles.
 */
export class RedisResilientClient extends ClientProxy {
  private readonly logger = new Logger(RedisResilientClient.name);
  readonly #engine: Engine;
  /** Ours to close, because nobody else has it. */
  readonly #ownsEngine: boolean;
  readonly #requests: Requests;
  readonly #complaints = new Complaints(this.logger);
  readonly #listeners: MonitorListeners;
  readonly #statusWatch: Subscription;
  #closed = false;
  #closing: Promise<void> | undefined;

  /** @param target the engine of a module instance, shared, or options for an engine of this client's own */
  constructor(target: Engine | RedisResilientOptions) {
    super();
    this.#ownsEngine = !(target instanceof Engine);
    this.#engine = target instanceof Engine ? target : new Engine(resolveOptions(target), this.logger);
    const { monitor, options } = this.#engine;
    // Nest asks for the options of one of its transports and reads these two.
    const codec = options.client as Parameters<ClientProxy['initializeSerializer']>[0];
    this.initializeSerializer(codec);
    this.initializeDeserializer(codec);
    const readsAll = options.client.deserializer !== undefined;
    this.#requests = new Requests(this.#engine, this.deserializer, readsAll, this.#complaints);
    this.#listeners = new MonitorListeners(monitor);
    this.#statusWatch = statusOf(monitor).subscribe((status) => this._status$.next(status));
  }

  /** Requests that wait for a reply. */
  get pending(): number {
    return this.#requests.size;
  }

  /** @internal What went wrong with single replies since the start, by kind. */
  get complaints(): Readonly<Partial<Record<ComplaintKind, number>>> {
    return this.#complaints.counts();
  }

  override get status(): Observable<RedisResilientStatus> {
    return super.status as Observable<RedisResilientStatus>;
  }

  /** Resolves once live, or once the first attempt has failed. `emit()` and `send()` need no `connect()`. */
  async connect(): Promise<void> {
    this.refuseClosed();
    this.#engine.start();
    await this.#engine.settled();
  }

  /** Requests in flight fail; the connections end, unless they are a module's. Final. */
  close(): Promise<void> {
    // Whoever repeats a request because it failed must not do so through a client that closes.
    this.#closed = true;
    return (this.#closing ??= this.end());
  }

  override send<Result = any, Input = any>(pattern: any, data: Input): Observable<Result> {
    if (isNil(pattern) || isNil(data)) return super.send(pattern, data);
    return new Observable<Result>((observer) =>
      this.publish(this.packetOf(pattern, data), this.createObserver(observer)),
    );
  }

  override emit<Result = any, Input = any>(pattern: any, data: Input): Observable<Result> {
    if (isNil(pattern) || isNil(data)) return super.emit(pattern, data);
    const outcome = connectable(
      defer(() => this.dispatchEvent<Result>(this.packetOf(pattern, data))),
      { connector: () => new Subject<Result>(), resetOnDisconnect: false },
    );
    outcome.connect();
    return outcome;
  }

  override on<Event extends keyof RedisResilientEvents>(
    event: Event,
    callback: RedisResilientEvents[Event],
  ): void {
    this.#listeners.on(event, callback);
  }

  /** The monitor: connections come and go, so there is none to hand out. */
  override unwrap<T = RedisResilientMonitor>(): T {
    return this.#engine.monitor as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    try {
      this.refuseClosed();
      const id = this.#requests.createId();
      const channel = this.normalizePattern(packet.pattern as string);
      const text = this.write(Object.assign(packet, { id }), `the request to "${channel}"`);
      return this.#requests.send(id, channel, text, callback);
    } catch (err) {
      callback({ err });
      return () => undefined;
    }
  }

  protected override async dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    this.refuseClosed();
    const channel = this.normalizePattern(packet.pattern as string);
    const text = this.write(packet, `the event for "${channel}"`);
    await this.#engine.publish(channel, typeof text === 'string' ? text : await text);
    return undefined as T;
  }

  private write(packet: ReadPacket, what: string): string | Promise<string> {
    const serialized: unknown = this.serializer.serialize(packet as ReadPacket & { id: string });
    if (isPromiseLike(serialized)) return Promise.resolve(serialized).then((ready) => encode(ready, what));
    // JSON would leave the field out without a word.
    if (serialized === packet && NEVER_JSON.has(typeof packet.data)) encode(packet.data, what);
    return encode(serialized, what);
  }

  /** Nest 12 lets instrumentation add metadata to a packet; Nest 11 has no such step. */
  private packetOf(pattern: unknown, data: unknown): ReadPacket {
    const { createPacket } = this as unknown as {
      createPacket?: (pattern: unknown, data: unknown) => ReadPacket;
    };
    return createPacket?.call(this, pattern, data) ?? { pattern, data };
  }

  private refuseClosed(): void {
    if (this.#closed) throw new RedisResilientError('CLOSED', 'This client was closed. Create a new one.');
  }

  private async end(): Promise<void> {
    this.#requests.close();
    this.#listeners.clear();
    if (this.#ownsEngine) await this.#engine.close();
    this.#statusWatch.unsubscribe();
  }
}

const NEVER_JSON = new Set(['function', 'symbol']);

/** What Nest refuses to send, with an error of its own. */
function isNil(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
