import { afterEach, expect, it } from '@jest/globals';

import { Stage } from '../support/stage.js';

const stage = new Stage();
afterEach(() => stage.close());

it('What a Sentinel refuses is forgotten with the Sentinel', async () => {
  const topology = await stage.topology({ links: false, replicas: 0 });
  const [first, ...others] = topology.sentinels;
  await first!.command('ACL', 'SETUSER', 'default', '-sentinel|myid');
  let { sentinels } = topology.clientOptions();
  const subscriber = await stage.subscriber(() => ({ ...topology.clientOptions(), sentinels }));
  const refuses = /A Sentinel refuses SENTINEL MYID/;
  await subscriber.becomes(({ degraded }) => degraded.some(({ what }) => refuses.test(what)));

  await first!.kill();
  await subscriber.becomes((snapshot) => snapshot.sentinels?.answering === others.length);
  sentinels = others.map(({ host, port }) => ({ host, port }));
  await subscriber.engine.monitor.rotate();
  await subscriber.becomes(({ degraded }) => degraded.length === 0);
  expect(subscriber.lines.filter((line) => refuses.test(line))).toEqual([
    expect.stringMatching(/^Degraded/),
    expect.stringMatching(/^No longer degraded/),
  ]);
});
