/** What went wrong, as a stable code that a program can switch on. */
export type RedisResilientErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_HANDLER'
  | 'CONNECTION'
  | 'REFUSED'
  | 'TIMEOUT'
  | 'CLOSED'
  | 'REPLY_LOST'
  | 'UNSERIALIZABLE';

/** Shared by every copy of this package in a process, so that `isRedisResilientError` recognises them all. */
const BRAND = Symbol.for('@redis-resilient/nestjs:error');

/** Base of every error of this package. The message says what happened, where, and the remedy. */
export class RedisResilientError extends Error {
  /** What went wrong, for programs. */
  readonly code: RedisResilientErrorCode;
  readonly [BRAND] = true;

  constructor(code: RedisResilientErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option of `forRoot` that cannot be used. Thrown at boot. */
export class RedisResilientOptionsError extends RedisResilientError {
  constructor(
    /** Path of the option, for example `keepAlive.timeout`. */
    readonly option: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super('INVALID_OPTION', message, options);
  }
}

/** A handler that could never run, or two handlers for one pattern. Thrown at boot. */
export class RedisResilientHandlerError extends RedisResilientError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('INVALID_HANDLER', message, options);
  }
}

/** Whether a value is an error of this package, from whichever copy of it in the process. */
export function isRedisResilientError(value: unknown): value is RedisResilientError {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
}
