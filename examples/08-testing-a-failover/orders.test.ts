import 'reflect-metadata';

// With Vitest: from 'vitest'.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RedisResilientModule, RedisResilientMonitor } from '@redis-resilient/nestjs';
import { poll, startTopology, type Topology } from '@redis-resilient/nestjs/testing';

import { OrdersController } from './orders.controller.js';

let topology: Topology;
let app: INestApplication;

beforeAll(async () => {
  topology = await startTopology();
  const testing = await Test.createTestingModule({
    imports: [RedisResilientModule.forRoot({ redis: topology.clientOptions() })],
    controllers: [OrdersController],
  }).compile();
  app = testing.createNestApplication();
  await app.init();
}, 60_000);

afterAll(async () => {
  await app?.close();
  await topology?.stop();
});

it('hears orders after the master was killed, and tells of the gap', async () => {
  const { orders } = app.get(OrdersController);
  const old = await poll(() => topology.masterOf());
  await old.publish('orders.new', '{"id":1}');
  await poll(() => orders.length === 1);

  await old.kill();
  const { node } = await topology.waitForNewMaster(old);
  const monitor = app.get(RedisResilientMonitor);
  await poll(() => monitor.snapshot().live && monitor.snapshot().master === `${node.host}:${node.port}`);

  await node.publish('orders.new', '{"id":2}');
  await poll(() => orders.length === 2);
  expect(orders).toEqual([{ id: 1 }, { id: 2 }]);
  expect(app.get(OrdersController).gaps).toBe(1);
}, 60_000);
