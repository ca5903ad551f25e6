import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  bringRedisServer,
  findRedisServer,
  type RedisServer,
  RedisServerMissingError,
  startRedis,
} from '../../src/testing/index.js';

describe('The search for a redis-server', () => {
  const { PATH, REDIS_SERVER } = process.env;
  let folder: string;
  let real: RedisServer;

  beforeEach(async () => {
    real = await bringRedisServer();
    folder = await mkdtemp(join(tmpdir(), 'bring-'));
  });

  afterEach(async () => {
    process.env.PATH = PATH;
    delete process.env.REDIS_SERVER;
    if (REDIS_SERVER !== undefined) process.env.REDIS_SERVER = REDIS_SERVER;
    await rm(folder, { recursive: true, force: true });
  });

  it('ends with one that is new enough and runs', async () => {
    const [major = 0, minor = 0] = real.version.split('.').map(Number);
    expect(major * 100 + minor).toBeGreaterThanOrEqual(602);
    const redis = await startRedis({ server: real });
    expect(await redis.info('redis_version')).toBe(real.version);
    await redis.stop();
  });

  it('takes the one that REDIS_SERVER names, and says so where it names none', async () => {
    process.env.PATH = folder;
    process.env.REDIS_SERVER = real.program;
    expect(await findRedisServer({ folder })).toEqual(real);

    process.env.REDIS_SERVER = process.execPath;
    await expect(findRedisServer({ folder })).rejects.toThrow(`REDIS_SERVER names ${process.execPath}`);
  });

  it('ends with the exact commands where there is none and none can be brought', async () => {
    delete process.env.REDIS_SERVER;
    process.env.PATH = folder;
    expect(await findRedisServer({ folder })).toBeUndefined();
    const missing = bringRedisServer({ folder, say: () => undefined });
    await expect(missing).rejects.toThrow(RedisServerMissingError);
    await expect(missing).rejects.toThrow(/apt-get install[^]*dnf install[^]*apk add[^]*brew install/);
  });

  it('may bring one in several places at the same time, saying so first, and leaves no half of it', async () => {
    delete process.env.REDIS_SERVER;
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => bringRedisServer({ folder, say })));
    for (const outcome of outcomes) {
      // A machine without apt-get, or without a network, cannot: then it must have said how one can.
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RedisServerMissingError);
      else await (await startRedis({ server: outcome.value })).stop();
    }
    const brought = outcomes.some(
      (outcome) => outcome.status === 'fulfilled' && outcome.value.program.startsWith(folder),
    );
    expect((await readdir(folder)).filter((name) => name !== '.gitignore')).toEqual(
      brought ? ['redis-tools'] : [],
    );
    if (brought) expect(said[0]).toContain('Downloading the package redis-tools');
  });
});
