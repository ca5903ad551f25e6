import { afterAll, expect, it } from '@jest/globals';

import { resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import { poll, startRedis } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();
afterAll(() => stage.close());

it('A logger that throws costs its lines and nothing else', async () => {
  const redis = stage.keep(await startRedis(), (each) => each.stop());
  let lines = 0;
  const fail = (): never => {
    lines += 1;
    throw new Error('the pipe of the logger is broken');
  };
  const engine = new Engine(resolveOptions({ redis: redis.clientAddress }), {
    log: fail,
    warn: fail,
    error: fail,
  });
  stage.keep(engine, (each) => each.close());
  let heard = 0;
  engine.subscribe('channel', 'orders', () => (heard += 1));
  engine.start();
  await poll(() => engine.monitor.snapshot().live);

  await redis.kill();
  await poll(() => lines > 0);
  await redis.start();
  await poll(() => engine.monitor.snapshot().live);
  await engine.publish('orders', 'new');
  await poll(() => heard === 1);
  expect(lines).toBeGreaterThan(1);
});
