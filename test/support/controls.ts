import { Logger } from '@nestjs/common';
import { ServerRedis, type RedisOptions as NestRedisOptions } from '@nestjs/microservices';
import { Redis, type RedisOptions } from 'ioredis';

import { Collector } from './collector.js';
import { type Handled, type Listener, numberOf } from './subscriber.js';

/** What a fault is survived with today, for comparison. */
export interface Control extends Listener {
  close(): void;
}

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
export async function plainIoredis(options: RedisOptions, pattern: string): Promise<Control> {
  const handled = new Collector<Handled>();
  const client = new Redis(options);
  client.on('error', () => undefined);
  client.on('pmessageBuffer', (_pattern: string, _channel: Buffer, payload: Buffer) => {
    handled.add({ subscription: pattern, n: numberOf(payload), late: false, at: performance.now() });
  });
  await client.psubscribe(pattern);
  return { handled, close: () => client.disconnect() };
}
