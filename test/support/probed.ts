import { Controller, type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HealthCheckResult } from '@nestjs/terminus';
import { RedisResilientModule } from '../../src/index.js';
import type { RedisNode } from '../../src/testing/index.js';
import type { Applications } from './applications.js';

/** What one probe said. */
export interface ProbeAnswer {
  status: number;
  body: HealthCheckResult & { details: Record<string, Record<string, unknown>> };
}

/** The HTTP adapters that the probes are for. */
export const ADAPTERS: [string, () => AbstractHttpAdapter][] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

@Controller()
class OrdersController {
  @EventPattern(['orders.*'])
  onOrder(): void {}
}

/** An instance that notices a frozen server within half a second. */
export function instance(redis: RedisNode, options: object = {}): DynamicModule {
  return RedisResilientModule.forRoot({
    redis: { ...redis.clientAddress, password: 'secret' },
    keepAlive: { interval: 100, suspectAfter: 100, timeout: 300 },
    ...options,
  });
}

/** The instance of a Redis that is not there. */
export const NOWHERE = { redis: { host: '127.0.0.1', port: 1 } };

/** An application with one handler, `orders.*`. */
export function appModule(imports: unknown[], controllers: Type[] = [], providers: object[] = []): Type {
  @Module({
    imports: imports as [],
    controllers: [OrdersController, ...controllers],
    providers: providers as [],
  })
  class AppModule {}
  return AppModule;
}

/** An application that listens on an adapter. */
export async function startOn(
  applications: Applications,
  adapter: AbstractHttpAdapter,
  module: Type,
  prepare: (app: INestApplication) => unknown = () => undefined,
): Promise<INestApplication> {
  const app = await applications.create(module, adapter);
  await prepare(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

export async function ask(app: INestApplication, path: string): Promise<ProbeAnswer> {
  return askAt(await app.getUrl(), path);
}

/** The same where the application no longer says its address. */
export async function askAt(url: string, path: string): Promise<ProbeAnswer> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: (await response.json()) as ProbeAnswer['body'] };
}
