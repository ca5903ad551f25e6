import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import type { FloodReport } from '../support/flooded-process.js';
import { TYPESCRIPT } from '../support/typescript.js';

const BATCH = 25_000;

let redis: RedisNode;
let child: ChildProcess;
let socket: Socket;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

beforeEach(async () => {
  const { host, port } = redis.clientAddress;
  const program = fileURLToPath(new URL('../support/flooded-process.ts', import.meta.url));
  child = fork(program, [host, String(port)], { execArgv: [...TYPESCRIPT, '--expose-gc'] });
  socket = connect(port, host);
  await Promise.all([once(child, 'message'), once(socket, 'connect')]);
  socket.resume();
});
afterEach(async () => {
  socket.destroy();
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
});

async function ask(order: 'count' | 'measure'): Promise<FloodReport> {
  const answered = once(child, 'message');
  child.send(order);
  return ((await answered) as [FloodReport])[0];
}

const received = ({ handled, dropped, pending }: FloodReport): number => handled + dropped + pending;

/** Publishes numbers from `from` on, no further ahead of the subscriber than Redis puts up with. */
async function publish(channel: string, from: number): Promise<void> {
  let text = '';
  for (let n = from; n < from + BATCH; n += 1) text += `PUBLISH ${channel} ${n}\r\n`;
  socket.write(text);
  await poll(async () => received(await ask('count')) === from + BATCH, {
    deadline: 20_000,
    every: 20,
    what: `${from + BATCH} messages received`,
  });
}

/** Expects the last third of the figures within a tenth of the first; single ones swing with what waits at that moment. */
function expectFlat(figures: readonly number[]): void {
  const third = Math.floor(figures.length / 3);
  const begin = median(figures.slice(0, third));
  const end = median(figures.slice(-third));
  expect(Math.abs(end - begin) / begin).toBeLessThan(0.1);
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}

it('1,000,000 messages at a handler that is too slow: each handled or dropped, and memory is flat', async () => {
  const count = 1_000_000;
  const reports: FloodReport[] = [];
  for (let from = 0; from < count; from += BATCH) {
    await publish('flood', from);
    const isWarm = from >= count / 5;
    if (isWarm && (from / BATCH) % 2 === 0) reports.push(await ask('measure'));
  }
  // Measured with as much waiting as may wait.
  for (const { pending } of reports) expect(pending).toBeGreaterThan(5_000);
  expectFlat(reports.map(({ heap }) => heap));
  expectFlat(reports.map(({ rss }) => rss));

  await poll(async () => (await ask('count')).pending === 0, { deadline: 20_000, what: 'an empty lane' });
  const end = await ask('count');
  expect(end.handled + end.dropped).toBe(count);
  expect(end.mostRunning).toBe(8);
  expect(end.droppedInGaps).toBe(end.dropped);
});

it('concurrency 1 keeps the order, whatever is dropped', async () => {
  for (let from = 0; from < 2 * BATCH; from += BATCH) await publish('ordered', from);
  await poll(async () => (await ask('count')).pending === 0, { deadline: 20_000, what: 'an empty lane' });
  const end = await ask('count');
  expect(end.dropped).toBeGreaterThan(0);
  expect(end.handled + end.dropped).toBe(2 * BATCH);
  expect(end.disordered).toBe(0);
});
