import type { MessageHandler } from '@nestjs/microservices';
import { isObservable } from 'rxjs';
import type { RedisResilientContext } from './context.js';
import { type EventOutcome, isPromiseLike } from './event-outcome.js';
import type { ReplyWriter } from './reply-writer.js';

/** Hands a message to a handler that nobody waits for an answer of. Never throws. */
export function callForEvent(
  handler: MessageHandler,
  data: unknown,
  context: RedisResilientContext,
  outcome: EventOutcome,
): void {
  let result: unknown;
  try {
    result = handler(data, context);
  } catch (error) {
    outcome.fail(error);
    return;
  }
  outcome.watch(result);
}

/** Hands a request to a handler and its values, promises, Observables and errors to the reply. Never throws. */
export function callForReply(
  handler: MessageHandler,
  data: unknown,
  context: RedisResilientContext,
  reply: ReplyWriter,
): void {
  const answer = (value: unknown): void => {
    if (!isObservable(value)) {
      reply.only(value);
      return;
    }
    try {
      reply.answersWith(value.subscribe(reply));
    } catch (error) {
      reply.fail(error);
    }
  };
  try {
    const result: unknown = handler(data, context);
    if (isPromiseLike(result)) result.then(answer, reply.fail);
    else answer(result);
  } catch (error) {
    reply.fail(error);
  }
}
