/** A service as a stranger would write it: boots, hears, answers, loses its connection, says so, and ends by itself. */
import 'reflect-metadata';

import assert from 'node:assert/strict';

import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisResilientMonitor, RedisResilientServer, isRedisResilientError } from '@redis-resilient/nestjs';
import { poll, startRedis } from '@redis-resilient/nestjs/testing';

import { type Diary, moduleOf, OrdersController } from './app.js';

async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'warn']);
  const redis = await startRedis();
  const diary: Diary = { orders: [], gaps: [] };
  const app = await NestFactory.create(moduleOf(redis.address, diary));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const isReady = async () => (await fetch(`${url}/health/ready`)).status === 200;
  await poll(isReady, { what: '200 from /health/ready' });
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.ok(app.get(RedisResilientServer) instanceof RedisResilientServer);

  await redis.publish('orders.new', '{"id":1}');
  await poll(() => diary.orders.length === 1, { what: 'the order' });
  assert.deepEqual(diary.orders, [['orders.new', { id: 1 }, false]]);

  const { client } = app.get(OrdersController);
  const answer = await new Promise<number>((resolve, reject) => {
    client.send<number>('double', 21).subscribe({ next: resolve, error: reject });
  });
  assert.equal(answer, 42);

  await redis.killPubSub();
  await poll(() => diary.gaps.length === 1, { what: 'the gap' });
  assert.equal(diary.gaps[0]?.cause, 'closed');
  await poll(isReady, { what: '200 from /health/ready again' });
  assert.ok(app.get(RedisResilientMonitor).snapshot());
  assert.equal(isRedisResilientError(new Error('of somebody else')), false);

  await app.close();
  await redis.stop();
  console.log('heard, answered, reported a gap, closed');
}

void main();
