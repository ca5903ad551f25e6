import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { poll, type RedisNode, type Topology } from '../../src/testing/index.js';
import { Example } from '../support/example.js';
import { Stage } from '../support/stage.js';
import { together } from '../support/together.js';

const stage = new Stage();
let redis: RedisNode;
let billing: RedisNode;
/** Its connections are cut, which concerns nobody else. */
let prices: RedisNode;
let topology: Topology;

async function start(name: string, env: Record<string, string | number> = {}): Promise<Example> {
  const example = await Example.start(name, { REDIS_PORT: redis.port, ...env });
  return stage.keep(example, (one) => one.stop());
}

const examples: Record<string, () => Promise<void>> = {
  '01-basic': async () => {
    const example = await start('01-basic');
    await redis.publish('orders.new', '{"id":1}');
    await example.says('orders.new { id: 1 }');
    expect((await example.get('/health')).status).toBe(200);
    await example.stop();
  },

  '02-async-configuration': async () => {
    const sentinels = topology.sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
    const example = await start('02-async-configuration', { SENTINELS: sentinels });
    const { node } = await topology.failover();
    await poll(async () => (await node.publish('orders.new', '{"id":2}')) > 0);
    await example.says('heard { id: 2 }');
    expect((await example.get('/ops/redis/ready')).status).toBe(200);
  },

  '03-several-redis': async () => {
    const example = await start('03-several-redis', { BILLING_PORT: billing.port });
    await redis.publish('orders.new', '{"id":3}');
    await example.says('billing has { order: 3 }');
  },

  '04-requests': async () => {
    const example = await start('04-requests');
    const answer = await example.get('/stock/pears');
    expect(await answer.json()).toEqual({ article: 'pears', pieces: 3 });
  },

  '05-back-pressure': async () => {
    const example = await start('05-back-pressure');
    for (let frame = 1; frame <= 50; frame++) void redis.publish('frames.a', String(frame));
    await example.says('frame 50');
    await example.says(/gap overflow \d+/);
    const dropped = Number(/gap overflow (\d+)/.exec(example.output)?.[1]);
    expect(dropped + example.output.match(/^frame /gm)!.length).toBe(50);
  },

  '06-gaps': async () => {
    await prices.command('HSET', 'prices', 'pears', 1);
    const example = await start('06-gaps', { REDIS_PORT: prices.port });
    await prices.publish('prices', '{"article":"pears","price":2}');
    await example.says('heard pears 2');
    await prices.command('HSET', 'prices', 'pears', 3);
    await prices.killPubSub();
    await example.says('read again after closed { pears: 3 }');
  },

  '07-health': async () => {
    const example = await start('07-health');
    for (const path of ['/health', '/health/ready', '/status']) {
      expect((await example.get(path)).status).toBe(200);
    }
  },
};

describe('The examples', () => {
  beforeAll(async () => {
    [redis, billing, prices, topology] = await Promise.all([
      stage.redis({ links: false }),
      stage.redis({ links: false }),
      stage.redis({ links: false }),
      stage.topology({ links: false, replicas: 1 }),
    ]);
  });
  afterAll(() => stage.close());

  together(examples);

  it('are all run', () => {
    const folder = fileURLToPath(new URL('../../examples', import.meta.url));
    const numbered = readdirSync(folder).filter((name) => /^\d/.test(name));
    // The last one is a test itself, and has a test of its own.
    expect(numbered.sort()).toEqual([...Object.keys(examples), '08-testing-a-failover']);
  });
});
