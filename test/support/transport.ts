import type { INestMicroservice, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type RedisResilientOptions, resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import type { RedisNode } from '../../src/testing/index.js';
import { RedisResilientClient } from '../../src/transport/client.js';
import { RedisResilientServer } from '../../src/transport/server.js';
import { CapturedLogs } from './captured-logs.js';

/** A running microservice on our strategy, without the module of the nest room. */
export interface RunningServer {
  readonly app: INestMicroservice;
  readonly engine: Engine;
  readonly server: RedisResilientServer;
  readonly logs: CapturedLogs;
}

/** Servers and clients of one test file on one Redis; `close()` ends them all. */
export class Transports {
  readonly #open: { close(): unknown }[] = [];

  /** @param at what differs from the address of that Redis */
  constructor(
    private readonly redis: RedisNode,
    private readonly at: object = {},
  ) {}

  private get address(): object {
    return { ...this.redis.clientAddress, ...this.at };
  }

  async serve(controller: Type, options: Partial<RedisResilientOptions> = {}): Promise<RunningServer> {
    const logs = new CapturedLogs();
    const engine = new Engine(resolveOptions({ redis: this.address, ...options }), logs);
    const server = new RedisResilientServer(engine);
    return { app: await this.start(controller, { strategy: server }, logs), engine, server, logs };
  }

  /** A microservice on a strategy or transport of Nest's own. */
  serveStock(controller: Type, config: object): Promise<INestMicroservice> {
    return this.start(controller, config, new CapturedLogs());
  }

  client(options: Partial<RedisResilientOptions> = {}): RedisResilientClient {
    return this.keep(new RedisResilientClient({ redis: this.address, ...options }));
  }

  keep<T extends { close(): unknown }>(closeable: T): T {
    this.#open.push(closeable);
    return closeable;
  }

  private async start(controller: Type, config: object, logger: CapturedLogs): Promise<INestMicroservice> {
    const options = Object.assign({}, config, { logger, abortOnError: false });
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
    const app = await NestFactory.createMicroservice(moduleOf(controller), options);
    this.#open.push(app);
    await app.listen();
    return app;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((one) => one.close()));
  }
}

function moduleOf(controller: Type): Type {
  class TestModule {}
  Module({ controllers: [controller] })(TestModule);
  return TestModule;
}
