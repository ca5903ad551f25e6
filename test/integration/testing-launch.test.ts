import { once } from 'node:events';
import { createServer } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { bringRedisServer, freePort, RedisNode, startRedis } from '../../src/testing/index.js';
import { redisConfigLines } from '../../src/testing/config-lines.js';
import { claimPort } from '../../src/testing/free-port.js';
import { launch } from '../../src/testing/launch.js';
import { newOperator } from '../../src/testing/operator.js';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../src/testing/temporary-folder.js';

describe('The launch of several servers', () => {
  const root = makeTemporaryFolder();
  const running: RedisNode[] = [];

  afterEach(async () => {
    await Promise.all(running.map((node) => node.stop()));
    await removeTemporaryFolder(root);
  });

  it('is repeated with other ports where somebody has taken one of them meanwhile', async () => {
    const { program } = await bringRedisServer();
    const operator = newOperator();
    const squatted = await freePort();
    const squatter = createServer().listen(squatted, '127.0.0.1');
    await once(squatter, 'listening');
    const attempts: RedisNode[][] = [];

    const nodes = await launch(async () => {
      const ports = [await freePort(), attempts.length === 0 ? squatted : await freePort()];
      const attempt = ports.map((port, index) => {
        const folder = `${root}/${index}`;
        const config = redisConfigLines({ port, folder, operator, announced: { host: '127.0.0.1', port } });
        return new RedisNode({ name: `redis-${index}`, program, folder, port, config, operator });
      });
      attempts.push(attempt);
      return attempt;
    });
    running.push(...nodes);
    squatter.close();

    expect(attempts).toHaveLength(2);
    expect(attempts[0]?.map(({ pid }) => pid)).toEqual([undefined, undefined]);
    for (const node of nodes) expect(await node.command('PING')).toBe('PONG');
  });
});

it("A dead server's ports are nobody else's until it was stopped for good", async () => {
  const redis = await startRedis({ links: true });
  const ports = [redis.port, redis.inner.address.port];
  await redis.kill();
  redis.inner.refuse();

  expect(await Promise.all(ports.map((port) => claimPort(port)))).toEqual([null, null]);
  await redis.stop();
  const claims = await Promise.all(ports.map((port) => claimPort(port)));
  expect(claims).toEqual(ports.map((port) => expect.objectContaining({ port })));
  for (const claim of claims) await claim?.release();
});
