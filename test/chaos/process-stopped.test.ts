import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';
import { expectHonest, missing } from '../support/history.js';
import type { HeardReport } from '../support/listening-process.js';
import { monotonicNow } from '../support/publisher-order.js';
import { pubsubConnections } from '../support/pubsub-connections.js';
import { Stage } from '../support/stage.js';
import type { Handled } from '../support/subscriber.js';
import { TYPESCRIPT } from '../support/typescript.js';

const stage = new Stage();
const program = fileURLToPath(new URL('../support/listening-process.ts', import.meta.url));

describe('A process that is stopped and continued, as by a debugger or a sleeping laptop', () => {
  afterAll(() => stage.close());

  it('keeps its link, and nothing is lost; a deadline alone would have replaced it', async () => {
    const redis = await stage.redis({});
    const publisher = await stage.publisher(redis);
    const child = stage.keep(
      fork(program, [redis.host, String(redis.port)], { execArgv: TYPESCRIPT }),
      (process) => process.kill('SIGKILL'),
    );
    await once(child, 'message');
    const live = performance.now();
    await publisher.accepted.first(({ sentAt }) => sentAt > live + 500);
    const before = await pubsubConnections(redis);

    // The server pauses until a PING of each must be under way; the answer then waits for a process that is stopped.
    redis.freeze();
    const frozenAt = performance.now();
    await poll(() => performance.now() > frozenAt + 1_200);
    child.send('work');
    await once(child, 'message');
    child.kill('SIGSTOP');
    redis.thaw();
    const stoppedAt = performance.now();
    await publisher.accepted.first(({ sentAt }) => sentAt > stoppedAt + 3_200);
    child.kill('SIGCONT');
    await poll(async () => (await pubsubConnections(redis)).get('eager') !== before.get('eager'));
    await publisher.accepted.first(({ sentAt }) => sentAt > stoppedAt + 4_500);
    expect((await pubsubConnections(redis)).get('ours')).toBe(before.get('ours'));

    await publisher.stop();
    const heard = new Collector<Handled>();
    child.send('report');
    const [{ handled, gaps }] = (await once(child, 'message')) as [HeardReport];
    const offset = performance.now() - monotonicNow();
    handled.forEach((one) => heard.add({ ...one, at: one.at + offset }));
    expect(gaps).toEqual([]);
    const subscriptions = [{ kind: 'pattern', name: 'orders.*' }] as const;
    await expectHonest(publisher, { handled: heard, gaps: new Map(), subscriptions }, live);
    expect(missing(publisher, { handled: heard }, live)).toEqual([]);
  });
});
