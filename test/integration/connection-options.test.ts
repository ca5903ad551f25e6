import { afterEach, describe, expect, it } from '@jest/globals';

import type { RedisResilientOptions } from '../../src/options.js';
import { freePort, poll } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';
import { heardAgain, type Subscriber } from '../support/subscriber.js';

const QUICK = { keepAlive: { interval: 500, suspectAfter: 200, timeout: 500 } };

const stage = new Stage();
const unhandled: unknown[] = [];
const note = (reason: unknown): unknown => unhandled.push(reason);

afterEach(async () => {
  await stage.close();
  process.off('unhandledRejection', note);
  expect(unhandled.splice(0)).toEqual([]);
});

/** A subscriber whose options come from a function. */
function started(
  redis: RedisResilientOptions['redis'],
  options: Partial<RedisResilientOptions> = QUICK,
): Subscriber {
  process.on('unhandledRejection', note);
  const subscriber = stage.idleSubscriber(redis, options);
  subscriber.engine.start();
  return subscriber;
}

/** Gives what the function gives, but nothing at all in the calls with these numbers, counted from 1. */
function hangingIn<T>(calls: readonly number[], give: () => T): () => Promise<T> {
  let call = 0;
  return async () => {
    call += 1;
    return calls.includes(call) ? new Promise<T>(() => undefined) : give();
  };
}

describe('Options that come from a function', () => {
  it('that does not answer when the application starts: told, reported, and asked again', async () => {
    const redis = await stage.redis();
    const subscriber = started(hangingIn([1, 2, 3], () => redis.clientAddress));
    await subscriber.engine.settled();
    expect(subscriber.snapshot()).toMatchObject({ live: false, cause: 'start' });
    expect(subscriber.lines.join('\n')).toMatch(/function given as "redis".*500 ms/);
    await subscriber.becomes(({ live }) => live);
    expect(subscriber.closedGaps('start')).toHaveLength(1);
  });

  it('that does not answer the publisher once: the next message is published', async () => {
    const redis = await stage.redis();
    let hang = false;
    const subscriber = started(
      () => {
        const options = redis.clientAddress;
        return hang ? new Promise<typeof options>(() => undefined) : options;
      },
      { ...QUICK, canary: false },
    );
    // The link has its options; the publisher asks once there is a link, or something to publish.
    const watch = subscriber.engine.monitor.status$.subscribe(({ state }) => {
      if (state === 'subscribing') hang = true;
    });
    await subscriber.becomes(({ live }) => live);
    watch.unsubscribe();
    expect(hang).toBe(true);
    await expect(subscriber.engine.publish('orders.new', '{"n":1}')).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    hang = false;
    await subscriber.engine.publish('orders.new', '{"n":2}');
    await subscriber.handled.first(({ n }) => n === 2);
  });

  it('that fails: told in its own words, and nobody else is blamed', async () => {
    const redis = await stage.redis();
    let sealed = true;
    const subscriber = started(() => {
      if (sealed) throw new Error('the vault is sealed');
      return redis.clientAddress;
    });
    await subscriber.engine.settled();
    const words = subscriber.snapshot().lastError ?? '';
    expect(words).toMatch(/function given as "redis" failed: the vault is sealed/);
    expect(words).not.toContain('Sentinel');
    sealed = false;
    await subscriber.becomes(({ live }) => live);
  });

  it('that names another server once the first is gone: the other one is heard', async () => {
    const [first, second] = [await stage.redis(), await stage.redis()];
    let address = first.clientAddress;
    const subscriber = await started(() => address).live();
    address = second.clientAddress;
    await first.kill();
    await subscriber.becomes(({ live, master }) => live && master?.endsWith(String(address.port)) === true);
    const publisher = await stage.publisher(second);
    await heardAgain(subscriber, publisher, performance.now());
  });

  it('that names other Sentinels once the first are gone: they are asked', async () => {
    const topology = await stage.topology({ links: false, replicas: 0, sentinels: 1 });
    const { sentinels, ...rest } = topology.clientOptions();
    let found = [{ host: '127.0.0.1', port: await freePort() }];
    const subscriber = started(() => ({ ...rest, sentinels: found }));
    await subscriber.engine.settled();
    found = sentinels;
    await subscriber.becomes(({ live }) => live);
  });

  it('that fails while few Sentinels answer: nothing goes unhandled, and it recovers', async () => {
    const topology = await stage.topology({ links: false, replicas: 0 });
    const [near, ...others] = topology.sentinels;
    const port = await freePort();
    const natMap = Object.fromEntries(
      others.map((each) => [`${each.host}:${each.port}`, { host: '127.0.0.1', port }]),
    );
    let failing = true;
    const subscriber: Subscriber = started(() => {
      if (failing && subscriber.snapshot().degraded.length > 0) throw new Error('the vault is sealed');
      return { sentinels: [near!.clientAddress], name: topology.masterName, natMap };
    });
    await subscriber.becomes(({ degraded }) => degraded.length > 0);
    await poll(() => subscriber.lines.some((line) => line.includes('Sentinels')), { what: 'a word' });
    failing = false;
    await subscriber.becomes(({ live }) => live);
  });
});

it('A natMap function that throws is told, and costs no more than its translation', async () => {
  const topology = await stage.topology({ links: false, replicas: 0 });
  const natMap = () => {
    throw new Error('no such key');
  };
  const subscriber = started({ ...topology.clientOptions(), natMap });
  await subscriber.becomes(({ live }) => live);
  expect(subscriber.lines.join('\n')).toMatch(/redis\.natMap.*no such key/);
});
