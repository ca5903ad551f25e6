import { randomBytes } from 'node:crypto';
import type { Deserializer, WritePacket } from '@nestjs/microservices';
import type { Subscription } from 'rxjs';
import { RedisResilientError } from '../errors.js';
import type { Engine } from '../redis/engine.js';
import type { Gap } from '../subscription/gap.js';
import { type Complaints, reasonOf } from './complaints.js';
import { Deadlines } from './deadlines.js';
import { parsePayload } from './envelope.js';
import { isPromiseLike } from './event-outcome.js';
import type { ReplyPacket } from './packets.js';
import { ReplySubscriptions } from './reply-subscriptions.js';

/** What a request needs of its instance. */
export type RequestEngine = Pick<
  Engine,
  'options' | 'monitor' | 'start' | 'publish' | 'subscribe' | 'unsubscribe' | 'acknowledged'
>;

type Answer = (packet: WritePacket) => void;

interface Request {
  readonly id: string;
  readonly channel: string;
  readonly replyChannel: string;
  readonly answer: Answer;
  /** Handed to Redis: from now on its reply can be missed. */
  published: boolean;
}

/** The requests of one client that wait for a reply. */
export class Requests {
  readonly #waiting = new Map<unknown, Request>();
  readonly #replies: ReplySubscriptions;
  readonly #deadlines: Deadlines<Request>;
  readonly #watches: readonly Subscription[];
  /** Begins every id of this client, so that replies to others are told apart before they are parsed. */
  readonly #prefix = randomBytes(9).toString('base64url');
  readonly #prefixBytes = Buffer.from(this.#prefix);
  #lastId = 0;
  #started = false;

  /**
   * @param deserializer Nest's own, or one of the user's
   * @param readsAll whether the deserializer must see replies in which no id of ours stands in plain text
   */
  constructor(
    private readonly engine: RequestEngine,
    private readonly deserializer: Deserializer,
    private readonly readsAll: boolean,
    private readonly complaints: Complaints,
  ) {
    this.#replies = new ReplySubscriptions(engine, this.receive, engine.options.client.publishTimeout);
    this.#deadlines = new Deadlines(engine.options.client.timeout, (request) => this.failLate(request));
    this.#watches = [
      engine.monitor.status$.subscribe(({ live }) => live || this.#replies.doubt()),
      engine.monitor.gaps$.subscribe((gap) => this.failLost(gap)),
    ];
  }

  get size(): number {
    return this.#waiting.size;
  }

  createId(): string {
    this.#lastId += 1;
    return this.#prefix + this.#lastId.toString(36);
  }

  /**
   * Sends a request once its reply can be heard, and passes on what comes back: values, the end, or an error. Never throws.
   *
   * @returns a function that forgets the request
   */
  send(id: string, channel: string, text: string | Promise<string>, answer: Answer): () => void {
    const request: Request = {
      id,
      channel,
      replyChannel: `${channel}.reply`,
      answer,
      published: false,
    };
    let audible: Promise<void> | undefined;
    try {
      this.start();
      audible = this.#replies.hold(request.replyChannel);
    } catch (err) {
      answer({ err });
      return () => undefined;
    }
    this.#waiting.set(id, request);
    this.#deadlines.add(request);
    if (audible === undefined && typeof text === 'string') this.publish(request, text);
    else {
      Promise.all([text, audible]).then(
        ([ready]) => this.publish(request, ready),
        (err: unknown) => this.fail(request, err),
      );
    }
    return () => this.forget(request);
  }

  /** Every request fails, and nothing is subscribed any more. */
  close(): void {
    for (const watch of this.#watches) watch.unsubscribe();
    for (const request of [...this.#waiting.values()]) {
      const message = `The client was closed before a reply to "${request.channel}" came.`;
      this.fail(request, new RedisResilientError('CLOSED', message));
    }
    this.#deadlines.clear();
    this.#replies.clear();
  }

  /** Only a request needs somebody who listens. */
  private start(): void {
    if (this.#started) return;
    this.#started = true;
    this.engine.start();
  }

  private failLate(request: Request): void {
    const message =
      `No reply to "${request.channel}" within ${this.engine.options.client.timeout} ms (client.timeout). ` +
      'Is a handler for it running, and does it answer in that time?';
    this.fail(request, new RedisResilientError('TIMEOUT', message));
  }

  private publish(request: Request, text: string): void {
    if (!this.#waiting.has(request.id)) return;
    request.published = true;
    this.engine.publish(request.channel, text).catch((err: unknown) => this.fail(request, err));
  }

  private readonly receive = (_channel: Buffer, payload: Buffer): void => {
    if (!this.readsAll && !payload.includes(this.#prefixBytes)) return;
    try {
      const packet: unknown = this.deserializer.deserialize(parsePayload(payload));
      if (isPromiseLike(packet)) packet.then(this.deliver, this.reportUnreadable);
      else this.deliver(packet);
    } catch (error) {
      this.reportUnreadable(error);
    }
  };

  /** A reply to nobody, or to somebody who has his last reply, reaches nobody. */
  private readonly deliver = (packet: unknown): void => {
    if (typeof packet !== 'object' || packet === null) return;
    const { id, err, response, isDisposed } = packet as ReplyPacket;
    const request = this.#waiting.get(id);
    if (!request) {
      if (typeof id === 'string' && id.startsWith(this.#prefix)) this.complaints.count('strayReply');
      return;
    }
    this.#deadlines.remove(request);
    if (err || isDisposed) {
      this.forget(request);
      request.answer({ err, response, isDisposed: true });
    } else request.answer({ err, response });
  };

  private readonly reportUnreadable = (error: unknown): void => {
    this.complaints.about('undecodable', () => `Dropped a reply that could not be read: ${reasonOf(error)}`);
  };

  /** Where replies may have been missed, nobody can say of any of them that it will still come. */
  private failLost(gap: Gap): void {
    if (gap.phase !== 'open' || gap.cause === 'overflow') return;
    for (const request of [...this.#waiting.values()]) {
      const isConcerned = gap.patterns.length === 0 || gap.patterns.includes(request.replyChannel);
      if (!request.published || !isConcerned) continue;
      const message =
        `The reply to "${request.channel}" may be lost: the subscription has a gap (${gap.cause}). ` +
        'The request may have been handled; repeat it if that does no harm.';
      this.fail(request, new RedisResilientError('REPLY_LOST', message));
    }
  }

  private fail(request: Request, err: unknown): void {
    if (this.forget(request)) request.answer({ err });
  }

  private forget(request: Request): boolean {
    if (!this.#waiting.delete(request.id)) return false;
    this.#deadlines.remove(request);
    this.#replies.release(request.replyChannel);
    return true;
  }
}
