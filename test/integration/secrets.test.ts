import { inspect } from 'node:util';

import { afterAll, describe, expect, it } from '@jest/globals';

import { Connection } from '../../src/redis/connection.js';
import { poll, type RedisNode } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();
afterAll(() => stage.close());

const NEVER_SHOWN = /pass-word|pay-load/;
/** All of an error, its causes and what ioredis hangs on it. */
const allOf = (value: unknown): string => inspect(value, { depth: null, showHidden: true });
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

async function redisFor(rules: string): Promise<RedisNode> {
  return stage.redis({ users: { app: `on >pass-word ~* ${rules}` } });
}

describe('Neither a password nor a payload stands', () => {
  it('in the error of a PUBLISH that is refused', async () => {
    const { host, port } = await redisFor('resetchannels &__redis-resilient__:* &orders.* +@all');
    const subscriber = await stage.subscriber({ host, port, username: 'app', password: 'pass-word' });
    const error = await errorOf(subscriber.engine.publish('elsewhere', 'pay-load'));
    expect(allOf(error)).toContain('NOPERM');
    expect(allOf(error)).not.toMatch(NEVER_SHOWN);
  });

  it('in the error of a connection whose password is refused', async () => {
    const { host, port } = await redisFor('+@all');
    let reason: unknown;
    const connection = new Connection(
      { username: 'app', password: 'no-pass-word' },
      { host, port },
      {
        closed: (error) => (reason = error),
      },
    );
    const error = await errorOf(connection.ready);
    expect(allOf(error)).toContain('WRONGPASS');
    await poll(() => reason !== undefined);
    expect(allOf([error, reason])).not.toMatch(NEVER_SHOWN);
  });

  it('in the log, the snapshot or the error of a PUBLISH while the password is wrong', async () => {
    const redis = await redisFor('resetchannels &__redis-resilient__:* &orders.* +@all');
    const { host, port } = redis;
    const subscriber = await stage.subscriber({ host, port, username: 'app', password: 'pass-word' });
    await redis.command('ACL', 'SETUSER', 'app', 'resetpass', '>another');
    await redis.command('CLIENT', 'KILL', 'USER', 'app');
    await poll(() => subscriber.snapshot().lastError?.includes('WRONGPASS'));
    const error = await errorOf(subscriber.engine.publish('orders.new', 'pay-load'));
    expect(allOf(error)).toContain('WRONGPASS');
    expect(allOf([error, subscriber.lines, subscriber.snapshot()])).not.toMatch(NEVER_SHOWN);
  });
});
