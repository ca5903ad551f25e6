import type { INestMicroservice, Type } from '@nestjs/common';
import { type ClientProxy, ClientRedis, ServerRedis } from '@nestjs/microservices';
import type { RedisNode } from '../../src/testing/index.js';
import { CapturedLogs } from './captured-logs.js';
import { Transports } from './transport.js';

/** One of the two transports, as a test of what changes with the swap sees it. */
export interface Side {
  readonly isOurs: boolean;
  readonly redis: RedisNode;
  /** A running microservice. @param stock options of the stock transport beside the address */
  serve(controller: Type, stock?: object): Promise<INestMicroservice>;
  client(stock?: object): ClientProxy;
  close(): Promise<void>;
}

/** @param at another address than that of the server, for a Redis that is away */
export function stockSide(redis: RedisNode, at: object = {}): Side {
  const transports = new Transports(redis);
  const address = { ...redis.clientAddress, ...at };
  return {
    isOurs: false,
    redis,
    serve: (controller, options) => {
      const strategy = new ServerRedis({ ...address, wildcards: true, ...options });
      // Nest gives no logger to a strategy that was made outside of it.
      Object.assign(strategy, { logger: new CapturedLogs() });
      return transports.serveStock(controller, { strategy });
    },
    client: (options) => {
      const client = new ClientRedis({ ...address, ...options });
      Object.assign(client, { logger: new CapturedLogs() });
      // One whose connection has ended already refuses to be closed.
      transports.keep({ close: () => client.close().catch(() => undefined) });
      return client as unknown as ClientProxy;
    },
    // So does a server.
    close: () => transports.close().catch(() => undefined),
  };
}

export function ourSide(redis: RedisNode, at: object = {}): Side {
  const transports = new Transports(redis, at);
  return {
    isOurs: true,
    redis,
    serve: async (controller) => (await transports.serve(controller)).app,
    client: () => transports.client({ client: { publishTimeout: 300 } }),
    close: () => transports.close(),
  };
}
