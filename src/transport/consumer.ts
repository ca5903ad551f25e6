import type { ConsumerDeserializer, MessageHandler } from '@nestjs/microservices';
import type { InstanceRef } from '../channels.js';
import { type Complaints, reasonOf } from './complaints.js';
import { RedisResilientContext } from './context.js';
import { createCustomDecoder } from './custom-decoder.js';
import { createDecoder, type Incoming } from './envelope.js';
import { EventOutcome } from './event-outcome.js';
import { callForEvent, callForReply } from './handler-call.js';
import { type HandlerSettings, isUnlimited } from './handler-settings.js';
import { Lane, type Overflow } from './lane.js';
import { MessageTrace, type TracedMessage } from './message-trace.js';
import { replyChannel } from './reply-channel.js';
import { type ReplyDesk, ReplyWriter } from './reply-writer.js';
import type { Workload } from './workload.js';

/** Nest's hooks around each message (tracing, monitoring). */
export interface ProcessingHooks {
  start(context: RedisResilientContext, done: () => Promise<void>): void;
  end(context: RedisResilientContext): void;
}

/** What the consumers of one server share. */
export interface ConsumerHost extends ReplyDesk {
  readonly instance: InstanceRef;
  readonly workload: Workload;
  readonly complaints: Complaints;
  readonly maxPayloadBytes: number;
  /** A deserializer of the user's own, sync or async; it decides what is a packet. */
  readonly deserializer: ConsumerDeserializer | undefined;
  /** Undefined as long as nobody set one, so that a message pays nothing for them. */
  readonly hooks: ProcessingHooks | undefined;
  toRoute(pattern: unknown): unknown;
  countLateDropped(): void;
  /** @param from when the first message that is dropped had come, milliseconds of `performance.now()` */
  openOverflow(pattern: string, from: number): Overflow;
}

interface Message {
  readonly channel: Buffer;
  readonly payload: Buffer;
  readonly late: boolean;
  /** When it came, milliseconds of `performance.now()`. */
  readonly at: number;
}

/**
 * The handlers of one subscription that treat its messages alike. Everything that does not depend on the message is decided
 * when it is made.
 */
export class Consumer {
  readonly #lane: Lane<Message> | undefined;
  readonly #decode: (channel: Buffer, payload: Buffer) => Incoming | Promise<Incoming>;
  readonly #dropsLate: boolean;
  readonly #isBounded: boolean;
  readonly #outcome: EventOutcome;
  readonly #trace: MessageTrace;

  /** @param isPattern whether the subscription is a glob, so that channels differ from its name */
  constructor(
    private readonly subscription: string,
    private readonly isPattern: boolean,
    private readonly handlers: readonly [MessageHandler, ...MessageHandler[]],
    private readonly settings: HandlerSettings,
    private readonly host: ConsumerHost,
  ) {
    this.#decode = host.deserializer
      ? createCustomDecoder(host.deserializer, settings)
      : createDecoder({ ...settings, subscription, toRoute: (pattern) => host.toRoute(pattern) });
    this.#isBounded = settings.dispatch.maxPending !== Infinity;
    this.#dropsLate = settings.lateMessages === 'drop';
    this.#outcome = this.outcomeThen(this.finish);
    this.#trace = new MessageTrace(host.instance, subscription);
    if (!isUnlimited(settings.dispatch)) this.#lane = this.createLane();
  }

  /** Takes a message from the socket. Never throws. */
  readonly accept = (channel: Buffer, payload: Buffer, late: boolean): void => {
    if (payload.length > this.host.maxPayloadBytes) return this.reportOversized(payload.length, late);
    if (late && this.#dropsLate) {
      this.host.countLateDropped();
      this.#trace.unhandled('late-dropped', late);
      return;
    }
    this.host.workload.taken(this.#isBounded);
    if (this.#lane) this.#lane.offer({ channel, payload, late, at: performance.now() });
    else this.handle(channel, payload, late);
  };

  /** Nothing that waits will start any more. Answers how many messages that were. */
  stop(): number {
    const waiting = this.#lane?.clear() ?? 0;
    for (let one = 0; one < waiting; one++) this.#trace.unhandled('dropped', false);
    this.host.workload.finished(waiting);
    return waiting;
  }

  private createLane(): Lane<Message> {
    const { complaints, workload } = this.host;
    return new Lane<Message>(
      this.settings.dispatch,
      ({ channel, payload, late }) => this.handle(channel, payload, late),
      ({ at }) => this.host.openOverflow(this.subscription, at),
      ({ late }) => {
        this.#trace.unhandled('dropped', late);
        workload.finished();
        complaints.count('overflowed'); // the gap says so, once
      },
    );
  }

  private handle(channel: Buffer, payload: Buffer, late: boolean): void {
    let incoming: Incoming | Promise<Incoming>;
    try {
      incoming = this.#decode(channel, payload);
    } catch (error) {
      this.reportUndecodable(error, late);
      return;
    }
    if (incoming instanceof Promise) {
      incoming.then(
        (ready) => this.process(ready, channel, late),
        (error: unknown) => this.reportUndecodable(error, late),
      );
    } else this.process(incoming, channel, late);
  }

  private process(incoming: Incoming, channel: Buffer, late: boolean): void {
    if (incoming.kind === 'reply') return this.finish();
    const context = new RedisResilientContext(channel, this.subscription, late, incoming.metadata);
    const traced = this.#trace.begin(late, this.handlers.length);
    if (this.host.hooks) this.runWithHooks(this.host.hooks, incoming, channel, context, traced);
    else if (this.handlers.length > 1 || traced) {
      this.runAll(incoming, channel, context, this.finish, traced);
    } else if (incoming.kind === 'event')
      callForEvent(this.handlers[0], incoming.data, context, this.#outcome);
    else {
      const reply = this.replyTo(incoming, channel, context, this.finish);
      callForReply(this.handlers[0], incoming.data, context, reply);
    }
  }

  private runWithHooks(
    hooks: ProcessingHooks,
    incoming: Incoming,
    channel: Buffer,
    context: RedisResilientContext,
    traced: TracedMessage | undefined,
  ): void {
    let begun = false;
    const end = (): void => {
      try {
        hooks.end(context);
      } catch (error) {
        this.reportFailure(error, 'handler');
      }
      this.finish();
    };
    try {
      hooks.start(context, async () => {
        if (begun) return;
        begun = true;
        this.runAll(incoming, channel, context, end, traced);
      });
    } catch (error) {
      this.reportFailure(error, 'handler');
      if (begun) return;
      traced?.cancelled();
      this.finish();
    }
  }

  /** Every handler of the chain gets the message; a request is answered by the first. */
  private runAll(
    incoming: Incoming,
    channel: Buffer,
    context: RedisResilientContext,
    finish: () => void,
    traced: TracedMessage | undefined,
  ): void {
    const [first, ...others] = this.handlers;
    let unfinished = this.handlers.length;
    const finishOne = (): void => {
      unfinished -= 1;
      if (unfinished === 0) finish();
    };
    const outcome = this.outcomeThen(finishOne, traced);
    if (incoming.kind === 'request') {
      const reply = this.replyTo(incoming, channel, context, finishOne, traced);
      callForReply(first, incoming.data, context, reply);
    } else callForEvent(first, incoming.data, context, outcome);
    for (const handler of others) callForEvent(handler, incoming.data, context, outcome);
  }

  private replyTo(
    { id }: Incoming,
    channel: Buffer,
    context: RedisResilientContext,
    finish: () => void,
    traced?: TracedMessage,
  ): ReplyWriter {
    const ended = traced && ((failed: boolean) => traced.ended(failed));
    const name = this.isPattern ? context.getChannel() : this.subscription;
    return new ReplyWriter(this.host, replyChannel(channel, name), id, finish, ended);
  }

  private readonly finish = (): void => {
    this.#lane?.finished();
    this.host.workload.finished();
  };

  private outcomeThen(finish: () => void, traced?: TracedMessage): EventOutcome {
    const done = (): void => {
      traced?.ended(false);
      finish();
    };
    return new EventOutcome(traced ? done : finish, (error, source) => {
      this.reportFailure(error, source);
      traced?.ended(true);
      finish();
    });
  }

  /** What a stream ends with has been through Nest's exception filters, which logged it as the application wishes. */
  private reportFailure(error: unknown, source: 'handler' | 'stream'): void {
    if (source === 'stream') this.host.complaints.count('handlerFailed');
    else {
      this.host.complaints.about(
        'handlerFailed',
        () => `A handler of "${this.subscription}" failed: ${reasonOf(error)}`,
      );
    }
  }

  private reportUndecodable(error: unknown, late: boolean): void {
    this.#trace.unhandled('broken', late);
    this.host.complaints.about(
      'undecodable',
      () => `Dropped a message of "${this.subscription}" that could not be read: ${reasonOf(error)}`,
    );
    this.finish();
  }

  private reportOversized(bytes: number, late: boolean): void {
    this.#trace.unhandled('broken', late);
    this.host.complaints.about(
      'oversized',
      () => `Dropped a message of "${this.subscription}": ${bytes} bytes, more than maxPayloadBytes.`,
    );
  }
}
