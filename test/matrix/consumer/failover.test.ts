/** A test of a handler, as a user writes it. It runs under Jest and under Vitest, compiled to either module system. */
import 'reflect-metadata';

import assert from 'node:assert/strict';

import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { poll, startTopology } from '@redis-resilient/nestjs/testing';

import { type Diary, moduleOf } from './app.js';

/** Both runners give it as a global. */
declare const it: (what: string, test: () => Promise<void>, timeout: number) => void;

it('hears the orders of the new master, and learns of the gap', async () => {
  Logger.overrideLogger(['error']);
  const topology = await startTopology();
  const diary: Diary = { orders: [], gaps: [] };
  const app = await NestFactory.create(moduleOf(topology.clientOptions(), diary));
  try {
    await app.init();
    const old = await topology.masterOf();
    assert.ok(old);
    await poll(async () => (await old.publish('orders.new', '"before"')) > 0, { what: 'a subscriber' });

    await old.kill();
    const { node } = await topology.waitForNewMaster(old);
    await poll(async () => (await node.publish('orders.new', '"after"')) > 0, { what: 'a subscriber' });

    await poll(() => diary.gaps.length > 0, { what: 'the gap' });
    await poll(() => JSON.stringify(diary.orders).includes('after'), {
      what: 'the order after the failover',
    });
    assert.match(JSON.stringify(diary.orders), /before/);
  } finally {
    await app.close();
    await topology.stop();
  }
}, 60_000);
