import { afterAll, expect, it } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();

afterAll(() => stage.close());

it('hears at one node of a Redis Cluster what is published at another', async () => {
  const config = { 'cluster-enabled': 'yes' };
  const [here, there] = await Promise.all([
    stage.redis({ config, links: false }),
    stage.redis({ config, links: false }),
  ]);
  await here.command('CLUSTER', 'MEET', there.host, there.port);
  const subscriber = await stage.subscriber(here.clientAddress);

  await poll(
    async () => {
      await there.publish('orders.new', '{"n":1}');
      return subscriber.handled.items.some(({ n }) => n === 1);
    },
    { deadline: 20_000, every: 100, what: 'a message of the other node' },
  );
  expect(subscriber.snapshot()).toMatchObject({ live: true, degraded: [] });
});
