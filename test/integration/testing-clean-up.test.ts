import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { poll, startRedis, startTopology } from '../../src/testing/index.js';
import { TYPESCRIPT } from '../support/typescript.js';

const OWNER = fileURLToPath(new URL('../support/topology-owner.ts', import.meta.url));
const SERVERS = 6;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('What a topology leaves behind', () => {
  let temporary: string;
  let owner: ChildProcess | undefined;

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'clean-up-'));
  });

  afterEach(async () => {
    owner?.kill('SIGKILL');
    await rm(temporary, { recursive: true, force: true });
  });

  /** In a process group of its own, as a shell gives it to what runs in a terminal. */
  async function startOwner(
    ...args: string[]
  ): Promise<{ pids: number[]; group: number; ended: Promise<unknown> }> {
    const env = { ...process.env, TMPDIR: temporary };
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
    owner = fork(OWNER, args, { execArgv: TYPESCRIPT, env, detached: true, stdio: [...stdio] });
    const ended = once(owner, 'exit');
    const [{ pids }] = (await once(owner, 'message')) as [{ pids: number[] }];
    return { pids, group: Number(owner.pid), ended };
  }

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'is nothing after %s to the process group of its owner, a frozen server included',
    async (signal) => {
      const { pids, group, ended } = await startOwner();
      expect(pids.filter(isAlive)).toHaveLength(SERVERS);
      expect(await readdir(temporary)).toHaveLength(1);

      process.kill(-group, signal);
      await ended;

      await poll(() => !pids.some(isAlive), { what: 'the end of every server' });
      await poll(async () => (await readdir(temporary)).length === 0, { what: 'removal of the files' });
    },
  );

  it('is nothing when its process crashes', async () => {
    const { pids, ended } = await startOwner('crash');
    await ended;

    await poll(() => !pids.some(isAlive), { what: 'the end of every server' });
    await poll(async () => (await readdir(temporary)).length === 0, { what: 'removal of the files' });
  });

  it('is nothing once it was stopped, a frozen and a killed server included', async () => {
    const topology = await startTopology({ links: true });
    const servers = [...topology.nodes, ...topology.sentinels];
    const pids = servers.flatMap(({ pid }) => pid ?? []);
    expect(pids).toHaveLength(SERVERS);
    topology.nodes[1]?.freeze();
    await topology.sentinels[1]?.kill();

    await topology.stop();

    expect(pids.filter(isAlive)).toEqual([]);
    await expect(topology.nodes[0]?.start()).rejects.toThrow('stopped for good');
  });

  it('is not there while a single server has stopped for good and another runs', async () => {
    const [first, second] = await Promise.all([startRedis(), startRedis()]);
    const pid = first.pid ?? 0;
    await first.stop();

    expect(isAlive(pid)).toBe(false);
    expect(await second.command('PING')).toBe('PONG');
    await second.stop();
  });
});
