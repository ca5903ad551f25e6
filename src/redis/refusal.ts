import { RedisResilientError } from '../errors.js';

/** How an error of Redis is to be met: `refused` is a decision of the server and lasts until somebody changes it. */
export type FailureKind = 'refused' | 'failed';

const REFUSALS = /^(NOPERM|NOAUTH|WRONGPASS|DENIED|ERR max number of clients|ERR invalid password|ERR AUTH)/;

export function failureKind(error: unknown): FailureKind {
  return REFUSALS.test(rootMessage(error)) ? 'refused' : 'failed';
}

/** Whether Redis refused a single command to this user. */
export function isNoPermission(error: unknown): boolean {
  return rootMessage(error instanceof RedisResilientError ? error.cause : error).startsWith('NOPERM');
}

/** Whether this user or this server does without a command; providers of a managed Redis take some away. */
export function isWithheld(error: unknown): boolean {
  return isNoPermission(error) || rootMessage(error).startsWith('ERR unknown command');
}

/** ioredis hangs the command on an error of Redis, with a password or a payload among its arguments; errors get logged. */
export function withoutCommand<T>(error: T): T {
  if (error instanceof Error) Reflect.deleteProperty(error, 'command');
  return error;
}

/** The message of Redis itself; ioredis wraps replies to no command ("Last error: ERR max number of clients reached"). */
export function rootMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('Last error: ').at(-1) ?? message).replace(/^Error: /, '');
}
