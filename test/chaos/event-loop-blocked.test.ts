import { afterAll, describe, expect, it } from '@jest/globals';

import { Stage } from '../support/stage.js';
import { eagerIoredis } from '../support/controls.js';
import { expectHonest, missing } from '../support/history.js';
import { pubsubConnections } from '../support/pubsub-connections.js';
import { heardAgain } from '../support/subscriber.js';

const stage = new Stage();

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('An event loop that was blocked for longer than every deadline', () => {
  afterAll(() => stage.close());

  it('replaces no link, and nothing is lost; a deadline alone would have replaced it', async () => {
    const redis = await stage.redis({});
    const address = { host: redis.host, port: redis.port };
    const publisher = await stage.publisher(redis);
    const eager = await stage.control(
      eagerIoredis({ ...address, connectionName: 'eager' }, 'orders.*', 2_000),
    );
    const subscriber = await stage.subscriber({ ...address, connectionName: 'ours' });
    const live = performance.now();
    await heardAgain(subscriber, publisher, live);
    await heardAgain(eager, publisher, live);
    const before = await pubsubConnections(redis);

    // The server pauses until a PING must be under way; its answer then waits behind our own stall.
    redis.freeze();
    await subscriber.becomes(({ lastVerifiedAgo }) => (lastVerifiedAgo ?? 0) > 1_100);
    redis.thaw();
    block(3_200);
    const since = performance.now();
    await heardAgain(subscriber, publisher, since);
    await heardAgain(eager, publisher, since);

    const after = await pubsubConnections(redis);
    expect(after.get('ours')).toBe(before.get('ours'));
    expect(after.get('eager')).not.toBe(before.get('eager'));
    expect(subscriber.gaps.size).toBe(0);
    expect(subscriber.snapshot().late.delivered).toBe(0);
    await expectHonest(publisher, subscriber, live);
    expect(missing(publisher, subscriber, live)).toEqual([]);
  });
});
