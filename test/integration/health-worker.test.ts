import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { AddressInfo, Server } from 'node:net';
import {
  RedisResilientModule,
  type RedisResilientModuleOptions,
  RedisResilientServer,
  serveRedisResilientProbes,
} from '../../src/index.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';

let redis: RedisNode;
const applications = new Applications();
const servers: Server[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  redis.thaw();
  for (const server of servers.splice(0)) server.close();
  await applications.closeAll();
});

@Controller()
class OrdersController {
  @EventPattern('orders.*')
  onOrder(@Payload() _order: unknown): void {}
}

function workerModule(options: Partial<RedisResilientModuleOptions> = {}): Type {
  const keepAlive = { interval: 100, suspectAfter: 100, timeout: 300 };
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: redis.clientAddress, keepAlive, ...options })],
    controllers: [OrdersController],
  })
  class WorkerModule {}
  return WorkerModule;
}

const strategy = {
  useFactory: (server: RedisResilientServer) => ({ strategy: server }),
  inject: [RedisResilientServer],
};

async function ask(server: Server, path: string): Promise<{ status: number; body: string }> {
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.text() };
}

describe('a worker without HTTP', () => {
  it('serves the probes beside, as an application with HTTP does', async () => {
    const worker = await applications.microservice(workerModule(), strategy);
    await worker.listen();
    const server = await serveRedisResilientProbes(worker, 0);
    for (const path of ['/health', '/health/live', '/health/ready?verbose', '/health/']) {
      const { status, body } = await ask(server, path);
      expect([path, status]).toEqual([path, 200]);
      expect(JSON.parse(body)).toMatchObject({
        status: 'ok',
        error: {},
        details: { redis: { status: 'up' } },
      });
    }
    expect((await ask(server, '/healthy')).status).toBe(404);

    redis.freeze();
    await poll(async () => (await ask(server, '/health/ready')).status === 503, {
      what: 'a worker that is not ready',
    });
    expect((await ask(server, '/health')).status).toBe(200);
    await applications.close(worker);
    expect((await ask(server, '/health')).status).toBe(503);
  });

  it('is told where no instance has the path, and where the port is taken', async () => {
    const worker = await applications.microservice(workerModule({ healthPath: '/ops/redis/' }), strategy);
    await worker.listen();
    await expect(serveRedisResilientProbes(worker, 0)).rejects.toThrow(
      /No RedisResilientModule has the healthPath "health"/,
    );
    const server = await serveRedisResilientProbes(worker, 0, { path: 'ops/redis', host: '127.0.0.1' });
    expect((await ask(server, '/ops/redis/ready')).status).toBe(200);
    const { port } = server.address() as AddressInfo;
    await expect(
      serveRedisResilientProbes(worker, port, { path: 'ops/redis', host: '127.0.0.1' }),
    ).rejects.toThrow(/EADDRINUSE/);
  });
});
