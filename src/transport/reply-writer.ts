import type { Serializer } from '@nestjs/microservices';
import type { Subscription } from 'rxjs';
import { type Complaints, reasonOf } from './complaints.js';
import { isPromiseLike } from './event-outcome.js';
import { encode, type ReplyPacket } from './packets.js';

/** What the stock transport answers when a handler fails in a way its caller shall not see. */
const INTERNAL_ERROR = { status: 'error', message: 'Internal server error' };

/** What every reply of a server needs. */
export interface ReplyDesk {
  publish(channel: string | Buffer, text: string): Promise<unknown>;
  readonly complaints: Complaints;
  /** A serializer of the user's own, sync or async. */
  readonly serializer: Serializer | undefined;
}

/**
 * Answers one request, packet by packet as the stock transport does: `{ response, id }` for each value, the last one with
 * `isDisposed`, an error as `{ err, isDisposed, id }`. An observer of the handler's Observable.
 */
export class ReplyWriter {
  /** The latest value, kept for one tick: where the stream ends within it, the value is the last and says so. */
  #held: ReplyPacket | undefined;
  #flushIsDue = false;
  #ended = false;
  #unsettled = 0;
  #isTold = false;
  #source: Subscription | undefined;
  /** Packets that an async serializer has in hand, in order. */
  #tail: Promise<void> | undefined;

  /**
   * @param onSettled is called once, when the last packet was published or could not be
   * @param onEnded is called once, when the handler has given its last value, or has failed
   */
  constructor(
    private readonly desk: ReplyDesk,
    private readonly channel: string | Buffer,
    private readonly id: unknown,
    private readonly onSettled: () => void,
    private readonly onEnded?: (failed: boolean) => void,
  ) {}

  readonly next = (response: unknown): void => {
    if (this.#ended) return;
    this.flush();
    this.#held = { response };
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    process.nextTick(this.flushWhenDue);
  };

  readonly error = (err: unknown): void => {
    if (this.#ended) return;
    this.flush();
    this.#held = { err };
    this.complete();
  };

  readonly complete = (): void => {
    if (this.#ended) return;
    const last = this.#held ?? {};
    this.#held = undefined;
    last.isDisposed = true;
    this.#ended = true;
    this.send(last);
    this.tellEnd('err' in last);
  };

  /** The one value of a handler that is no stream. */
  readonly only = (response: unknown): void => {
    this.#ended = true;
    this.send({ response, isDisposed: true });
    this.tellEnd(false);
  };

  /** Ends the request where the handler failed beside Nest's exception filters. */
  readonly fail = (error: unknown): void => {
    this.desk.complaints.about('handlerFailed', () => `A handler failed: ${reasonOf(error)}`);
    this.error(INTERNAL_ERROR);
  };

  /** The stream that is being answered with; it is left when a value of it cannot be sent. */
  answersWith(source: Subscription): void {
    this.#source = source;
    if (this.#ended) source.unsubscribe();
  }

  private readonly flushWhenDue = (): void => {
    this.#flushIsDue = false;
    this.flush();
  };

  private flush(): void {
    const packet = this.#held;
    if (!packet) return;
    this.#held = undefined;
    this.send(packet);
  }

  private send(packet: ReplyPacket): void {
    packet.id = this.id;
    this.#unsettled += 1;
    if (this.desk.serializer) this.sendSerialized(packet, this.desk.serializer);
    else this.publish(packet);
  }

  private sendSerialized(packet: ReplyPacket, serializer: Serializer): void {
    try {
      const serialized: unknown = serializer.serialize(packet);
      if (!this.#tail && !isPromiseLike(serialized)) {
        this.publish(serialized);
        return;
      }
      this.#tail = Promise.all([serialized, this.#tail]).then(
        ([ready]) => this.publish(ready),
        (error: unknown) => this.giveUp(error),
      );
    } catch (error) {
      this.giveUp(error);
    }
  }

  private publish(packet: unknown): void {
    try {
      const text = encode(packet, 'a reply');
      this.desk.publish(this.channel, text).then(this.settle, this.reportUnpublished);
    } catch (error) {
      this.giveUp(error);
    }
  }

  /** A value that cannot be written ends the request with an error, so that its sender does not wait for ever. */
  private giveUp(error: unknown): void {
    this.desk.complaints.about('replyFailed', () => `A reply could not be written: ${reasonOf(error)}`);
    this.#held = undefined;
    this.#ended = true;
    this.#source?.unsubscribe();
    this.tellEnd(true);
    try {
      const text = encode({ err: INTERNAL_ERROR, isDisposed: true, id: this.id }, 'an error reply');
      this.desk.publish(this.channel, text).then(this.settle, this.reportUnpublished);
    } catch {
      // Not even the id can be written back: nobody can be answered.
      this.settle();
    }
  }

  private tellEnd(failed: boolean): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.onEnded?.(failed);
  }

  private readonly settle = (): void => {
    this.#unsettled -= 1;
    if (this.#ended && this.#unsettled === 0) this.onSettled();
  };

  private readonly reportUnpublished = (error: unknown): void => {
    this.desk.complaints.about('replyFailed', () => `A reply could not be published: ${reasonOf(error)}`);
    this.settle();
  };
}
