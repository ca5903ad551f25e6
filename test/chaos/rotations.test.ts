import { afterAll, describe, expect, it } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { type Control, plainIoredis } from '../support/controls.js';
import { Stage } from '../support/stage.js';
import type { Subscriber } from '../support/subscriber.js';

const stage = new Stage();

const IDENTICAL = '{"always":"the same"}';
const SUBSCRIPTIONS = [
  { kind: 'pattern', name: 'orders.*' },
  { kind: 'channel', name: 'orders.new' },
  { kind: 'pattern', name: 'o*' },
] as const;

function counts(subscriber: Subscriber): number[] {
  return SUBSCRIPTIONS.map(
    ({ name }) => subscriber.handled.items.filter(({ subscription }) => subscription === name).length,
  );
}

describe('100 rotations at 1,000 messages a second', () => {
  afterAll(() => stage.close());

  it('are never deaf, and lose, double and delay nothing although the payloads are identical', async () => {
    const redis = await stage.redis({});
    const subscriber = await stage.subscriber({ host: redis.host, port: redis.port }, {}, SUBSCRIPTIONS);
    const publisher = await stage.publisher(redis, { rate: 1_000, payload: IDENTICAL });
    let deaf = 0;
    subscriber.engine.monitor.status$.subscribe(({ live }) => {
      if (!live) deaf += 1;
    });

    for (let rotation = 0; rotation < 100; rotation++) await subscriber.engine.monitor.rotate();
    const published = await publisher.stop();
    await poll(() => counts(subscriber).every((count) => count >= published), { deadline: 2_000 }).catch(
      () => undefined,
    );
    expect(counts(subscriber)).toEqual([published, published, published]);
    expect(subscriber.snapshot().links.made).toBe(101);
    expect(subscriber.handled.items.filter(({ late }) => late)).toEqual([]);
    expect(subscriber.gaps.size).toBe(0);
    expect(deaf).toBe(0);
  });

  it('say things twice where the old connection is simply closed after the new one', async () => {
    const redis = await stage.redis({});
    const connect = () => stage.control(plainIoredis({ host: redis.host, port: redis.port }, 'orders.*'));
    const all: Control[] = [await connect()];
    const publisher = await stage.publisher(redis, { rate: 1_000, payload: IDENTICAL });
    for (let rotation = 0; rotation < 30; rotation++) {
      const successor = await connect();
      all.at(-1)?.close();
      all.push(successor);
    }
    const published = await publisher.stop();
    const heard = () => all.reduce((sum, { handled }) => sum + handled.items.length, 0);
    await poll(() => heard() >= published, { deadline: 2_000 }).catch(() => undefined);
    expect(heard()).not.toBe(published);
  });
});
