import { setTimeout as pause } from 'node:timers/promises';

import { Logger } from '@nestjs/common';
import { ServerRedis, type RedisOptions as NestRedisOptions } from '@nestjs/microservices';
import { Redis, type RedisOptions } from 'ioredis';

import { poll } from '../../src/testing/index.js';
import { Collector } from './collector.js';
import { type Handled, type Listener, numberOf } from './subscriber.js';

/** What a fault is survived with today, for comparison. */
export interface Control extends Listener {
  close(): void;
}

/** By default `disconnect()` keeps a timer for two seconds. */
const QUICK_END = { disconnectTimeout: 20 };

type StockOptions = NonNullable<NestRedisOptions['options']>;

/** The stock transport of Nest with its default options, listening to one exact channel. */
export async function stockNest(options: StockOptions, channel: string): Promise<Control> {
  const handled = new Collector<Handled>();
  const server = new ServerRedis(options);
  server.addHandler(
    channel,
    async (data: { n: number }) => {
      handled.add({ subscription: channel, n: data.n, late: false, at: performance.now() });
    },
    true,
  );
  server.on('error', () => undefined);
  Logger.overrideLogger(false); // it complains loudly of what is done to it
  await new Promise<void>((resolve, reject) => {
    void server.listen((error) => {
      if (error === undefined) resolve();
      else reject(new Error('the stock transport did not start', { cause: error }));
    });
  });
  return {
    handled,
    close: () => {
      Promise.resolve(server.close()).catch(() => undefined); // it says QUIT on connections that are closed
    },
  };
}

/** A subscriber on plain ioredis with its default options. */
export async function plainIoredis(options: RedisOptions, ...patterns: string[]): Promise<Control> {
  const handled = new Collector<Handled>();
  const client = new Redis({ ...options, ...QUICK_END });
  client.on('error', () => undefined);
  client.on('pmessageBuffer', (pattern: string, _channel: Buffer, payload: Buffer) => {
    handled.add({ subscription: pattern, n: numberOf(payload), late: false, at: performance.now() });
  });
  try {
    await client.psubscribe(...patterns);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return { handled, close: () => client.disconnect() };
}

/**
 * The usual cure: plain ioredis that PINGs its connection, and throws it away when no answer comes in time.
 *
 * @param deadline milliseconds
 */
export async function eagerIoredis(
  options: RedisOptions,
  pattern: string,
  deadline = 1_000,
): Promise<Control> {
  const handled = new Collector<Handled>();
  let client: Redis | undefined;
  let closed = false;
  const connect = async (): Promise<void> => {
    if (closed) return;
    const fresh = new Redis({ ...options, ...QUICK_END, retryStrategy: () => null, connectTimeout: 1_000 });
    client = fresh;
    fresh.on('error', () => undefined);
    fresh.on('pmessageBuffer', (_pattern: string, _channel: Buffer, payload: Buffer) => {
      handled.add({ subscription: pattern, n: numberOf(payload), late: false, at: performance.now() });
    });
    await within(deadline, fresh.psubscribe(pattern));
    for (;;) {
      await within(deadline, fresh.ping());
      await pause(500);
    }
  };
  const reconnect = (): void => {
    client?.disconnect();
    void pause(100).then(connect).catch(reconnect);
  };
  connect().catch(reconnect);
  await poll(() => client?.status === 'ready');
  return {
    handled,
    close: () => {
      closed = true;
      client?.disconnect();
    },
  };
}

async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  const overdue = pause(milliseconds, undefined, { ref: false }).then(() => {
    throw new Error('no answer in time');
  });
  overdue.catch(() => undefined); // the answer has come first
  return Promise.race([answer, overdue]);
}
