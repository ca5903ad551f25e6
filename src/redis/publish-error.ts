import { RedisResilientError } from '../errors.js';
import { failureKind, rootMessage, withoutCommand } from './refusal.js';

/** @param ended why the connection was given up, where it was we who did so */
export function publishError(error: unknown, ended: unknown, channel: string | Buffer): RedisResilientError {
  const cause = withoutCommand(error);
  if (ended instanceof RedisResilientError) {
    return new RedisResilientError(ended.code, ended.message, { cause });
  }
  if (failureKind(error) === 'refused') {
    const words = `Redis refuses the PUBLISH: ${rootMessage(error)}. Allow it in this user's ACL: +publish &${channel.toString()}`;
    return new RedisResilientError('REFUSED', words, { cause });
  }
  const words = `A PUBLISH failed and may or may not have been delivered: ${rootMessage(error)}`;
  return new RedisResilientError('CONNECTION', words, { cause });
}
