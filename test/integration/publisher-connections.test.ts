import { afterEach, it } from '@jest/globals';

import { Publisher } from '../../src/redis/publisher.js';
import { DEFAULTS } from '../../src/options.js';
import { poll, type RedisNode } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();
afterEach(() => stage.close());

async function publishersOf(redis: RedisNode): Promise<number> {
  const list = String(await redis.command('CLIENT', 'LIST'));
  return list.split('\n').filter((line) => line.includes('name=publisher ')).length;
}

it('A publisher that is told to reconnect while it waits for its options keeps one connection', async () => {
  const redis = await stage.redis({});
  const given: (() => void)[] = [];
  const source = () =>
    new Promise<{ connectionName: string }>((resolve) => {
      given.push(() => resolve({ connectionName: 'publisher' }));
    });
  const publisher = new Publisher(source, {
    connectTimeout: 2_000,
    backoff: DEFAULTS.reconnect,
    failed: () => undefined,
  });
  stage.keep(publisher, (each) => each.close());
  publisher.retarget(redis.clientAddress);
  const published = publisher.publish('orders.new', '1', 5_000);
  await poll(() => given.length === 1);
  publisher.reconnect();
  await poll(() => given.length === 2);
  for (const give of given) give();
  await published;
  await poll(async () => (await publishersOf(redis)) === 1, { what: 'one connection' });
  publisher.close();
  await poll(async () => (await publishersOf(redis)) === 0, { what: 'no connection' });
});
