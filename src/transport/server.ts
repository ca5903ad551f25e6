import { Logger } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { RedisResilientError } from '../errors.js';
import type { Engine, Sink } from '../redis/engine.js';
import type { RedisResilientMonitor } from '../redis/monitor.js';
import { type ComplaintKind, Complaints } from './complaints.js';
import type { Consumer, ConsumerHost, ProcessingHooks } from './consumer.js';
import { reachesUnnamed, withoutChannelsOf } from './control-channels.js';
import { createConsumers, isGlob } from './create-consumers.js';
import { HandlerRegistry } from './handler-registry.js';
import { MonitorListeners, type RedisResilientEvents } from './monitor-listeners.js';
import { type RedisResilientStatus, statusOf } from './status.js';
import { getTransportId } from './transport-id.js';
import { Workload } from './workload.js';

/**
 * The strategy: `app.connectMicroservice({ strategy: app.get(RedisResilientServer) })`. Subscribes what its handlers name, and
 * hands them what comes.
 */
export class RedisResilientServer
  extends Server<RedisResilientEvents, RedisResilientStatus>
  implements CustomTransportStrategy
{
  protected override readonly logger = new Logger(RedisResilientServer.name);
  readonly #registry = new HandlerRegistry();
  readonly #complaints = new Complaints(this.logger);
  readonly #workload = new Workload((message) => this.logger.warn(message));
  readonly #consumers: Consumer[] = [];
  readonly #listeners: MonitorListeners;
  #hooks: ProcessingHooks | undefined;
  #listening: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param engine the instance that this server speaks for; `close()` ends it
   * @param admits which handlers belong here, by the extras object of their decorator; all of them by default
   */
  constructor(
    private readonly engine: Engine,
    private readonly admits: (extras: object) => boolean = () => true,
  ) {
    super();
    this.transportId = getTransportId(engine.name);
    this.#listeners = new MonitorListeners(engine.monitor);
    engine.pending = () => this.pending;
    statusOf(engine.monitor).subscribe((status) => this._status$.next(status));
  }

  /** Messages taken and not finished: waiting, in a handler, or with a reply on its way. */
  get pending(): number {
    return this.#workload.unfinished;
  }

  /** @internal What went wrong with single messages since the start, by kind; the metrics tell users. */
  get complaints(): Readonly<Partial<Record<ComplaintKind, number>>> {
    return this.#complaints.counts();
  }

  /** A handler that was added already is not added again; once listening, none is added any more. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (this.#listening || !this.admits(extras)) return;
    const route: unknown = this.toRoute(pattern);
    if (!this.#registry.add(pattern, route, callback, isEventHandler, extras)) return;
    if (this.messageHandlers.has(route as string)) {
      // Not chained to the first as Nest would: there, one handler that fails cuts off the others.
      callback.isEventHandler = isEventHandler;
      callback.extras = extras;
    } else super.addHandler(pattern, callback, isEventHandler, extras);
  }

  override setOnProcessingStartHook(...[hook]: Parameters<Server['setOnProcessingStartHook']>): void {
    super.setOnProcessingStartHook(hook);
    this.#hooks ??= this.createHooks();
  }

  override setOnProcessingEndHook(...[hook]: Parameters<Server['setOnProcessingEndHook']>): void {
    super.setOnProcessingEndHook(hook);
    this.#hooks ??= this.createHooks();
  }

  /**
   * Subscribes, and calls back once live; also when Redis is away, because then the application shall start and recover. The
   * callback gets an error for handlers that could never run, and after `close()`.
   */
  listen(callback: (error?: unknown) => void): void {
    this.#listening ??= this.start();
    this.#listening.then(() => callback(), callback);
  }

  /** No new message; those taken finish, with their replies, within `drainTimeout`. */
  drain(): Promise<void> {
    return (this.#draining ??= this.finishWhatWasTaken());
  }

  /** Drains, then ends the links. */
  close(): Promise<void> {
    return (this.#closing ??= this.drain().then(() => this.end()));
  }

  override on<Event extends keyof RedisResilientEvents>(
    event: Event,
    callback: RedisResilientEvents[Event],
  ): void {
    this.#listeners.on(event, callback);
  }

  /** The monitor: connections come and go, so there is none to hand out. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's signature
  override unwrap<T = RedisResilientMonitor>(): T {
    return this.engine.monitor as T;
  }

  private async start(): Promise<void> {
    if (this.#closing) throw new RedisResilientError('CLOSED', 'This server was closed. Create a new one.');
    this.#registry.check();
    const host = this.createHost();
    const wanted = this.#registry.routes.map((route) => ({ route, sink: this.createSink(route, host) }));
    for (const { route, sink } of wanted) {
      this.engine.subscribe(isGlob(route) ? 'pattern' : 'channel', route, sink);
    }
    this.engine.start();
    await this.engine.settled();
  }

  private createSink(route: string, host: ConsumerHost): Sink {
    const handlers = this.#registry.handlersOf(route);
    const consumers = createConsumers(route, isGlob(route), handlers, this.engine.options, host);
    this.#consumers.push(...consumers);
    const sink = toSink(consumers);
    const control = `${this.engine.options.controlPrefix}:`;
    return reachesUnnamed(route, control) ? withoutChannelsOf(control, sink) : sink;
  }

  private createHost(): ConsumerHost {
    const { engine } = this;
    const currentHooks = (): ProcessingHooks | undefined => this.#hooks;
    return {
      instance: { instance: engine.instance, name: engine.name ?? null },
      workload: this.#workload,
      complaints: this.#complaints,
      maxPayloadBytes: engine.options.maxPayloadBytes,
      serializer: engine.options.serializer,
      deserializer: engine.options.deserializer,
      get hooks() {
        return currentHooks();
      },
      toRoute: (pattern) => this.toRoute(pattern),
      countLateDropped: () => engine.countLateDropped(),
      publish: (channel, text) => engine.publish(channel, text),
      openOverflow: (pattern, from) => engine.monitor.openGap('overflow', [pattern], from),
    };
  }

  private createHooks(): ProcessingHooks {
    const transport = getTransportId(this.engine.name);
    return {
      start: (context, done) => this.onProcessingStartHook(this.transportId ?? transport, context, done),
      end: (context) => this.onProcessingEndHook?.(this.transportId ?? transport, context),
    };
  }

  /** The name of the channel that a pattern stands for; not always a text, where a stranger wrote the pattern. */
  private toRoute(pattern: unknown): unknown {
    return this.normalizePattern(pattern as Parameters<Server['normalizePattern']>[0]);
  }

  private async finishWhatWasTaken(): Promise<void> {
    this.engine.stopIntake();
    const { drainTimeout } = this.engine.options;
    const unfinished = await this.#workload.drained(drainTimeout);
    const waiting = this.#consumers.reduce((sum, consumer) => sum + consumer.stop(), 0);
    if (unfinished === 0) return;
    this.logger.warn(
      `Shut down with ${unfinished} messages unfinished after ${drainTimeout} ms: ` +
        `${unfinished - waiting} in handlers or with replies on their way, ${waiting} waiting. ` +
        'Raise drainTimeout if handlers need longer.',
    );
  }

  private async end(): Promise<void> {
    this.#listeners.clear();
    await this.engine.close();
  }
}

function toSink(consumers: readonly Consumer[]): Sink {
  const [first, ...others] = consumers;
  if (first && others.length === 0) return first.accept;
  return (channel, payload, late) => {
    for (const { accept } of consumers) accept(channel, payload, late);
  };
}
