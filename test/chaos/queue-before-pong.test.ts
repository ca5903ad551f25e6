import { afterAll, describe, expect, it } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { pubsubConnections } from '../support/pubsub-connections.js';
import { Stage } from '../support/stage.js';
import { numberOf } from '../support/subscriber.js';

const stage = new Stage();

const MEGABYTES = 24;
const FLOOD = `
  local filling = string.rep('x', 1024 * 1024)
  for n = 1, tonumber(ARGV[1]) do redis.call('PUBLISH', 'big', '{"n":' .. n .. ',"x":"' .. filling .. '"}') end`;

/** A handler that leaves nothing else its turn. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('Many megabytes in front of the pong, and a handler that is slow', () => {
  afterAll(() => stage.close());

  it('replace no link, and nothing is lost; a deadline alone would have replaced it', async () => {
    const redis = await stage.redis({});
    const subscriber = stage.idleSubscriber({ host: redis.host, port: redis.port, connectionName: 'ours' });
    const numbers: number[] = [];
    subscriber.engine.subscribe('channel', 'big', (_channel, payload) => {
      numbers.push(numberOf(payload.subarray(0, 20)));
      work(150);
    });
    await subscriber.live();
    const before = await pubsubConnections(redis);

    await redis.command('EVAL', FLOOD, 0, MEGABYTES);
    const answeredInTime = subscriber.engine.keepAlive.check();
    await poll(() => numbers.length === MEGABYTES, { deadline: 20_000 });
    expect(await answeredInTime).toBe(false);
    await subscriber.becomes(({ lastVerifiedAgo }) => (lastVerifiedAgo ?? Infinity) < 500);

    expect(numbers).toEqual(Array.from({ length: MEGABYTES }, (_, index) => index + 1));
    expect(await pubsubConnections(redis)).toEqual(before);
    expect(subscriber.gaps.size).toBe(0);
    expect(subscriber.snapshot().live).toBe(true);
  });
});
