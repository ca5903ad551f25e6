import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import type { ComplaintKind } from '../../src/transport/complaints.js';
import type { HostileOrder, HostileReport } from '../support/hostile-process.js';
import { TYPESCRIPT } from '../support/typescript.js';

let redis: RedisNode;
let publisher: Redis;
let child: ChildProcess;

beforeAll(async () => {
  redis = await startRedis();
  publisher = new Redis({ ...redis.clientAddress, enableAutoPipelining: true });
  child = await startHostile();
});
afterAll(async () => {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  publisher.disconnect();
  await redis.stop();
});

async function startHostile(): Promise<ChildProcess> {
  const { host, port } = redis.clientAddress;
  const program = fileURLToPath(new URL('../support/hostile-process.ts', import.meta.url));
  const started = fork(program, [host, String(port)], {
    execArgv: TYPESCRIPT,
    stdio: ['ignore', 1, 'pipe', 'ipc'],
  });
  await once(started, 'message');
  return started;
}

async function report(): Promise<HostileReport> {
  const answered = once(child, 'message');
  child.send('report' satisfies HostileOrder);
  return ((await answered) as [HostileReport])[0];
}

/** Resolves once nothing is pending and so many calls of handlers were counted. */
function handledAre(count: number): Promise<HostileReport> {
  return poll(
    async () => {
      const now = await report();
      return now.handled >= count && now.pending === 0 && now;
    },
    { deadline: 20_000, what: `${count} handled` },
  );
}

const deep = '['.repeat(10_000) + ']'.repeat(10_000);
const request = (data: string, id = '"r1"', pattern = '"echo.x"'): string =>
  `{"pattern":${pattern},"data":${data},"id":${id}}`;

interface Effect {
  handled?: number;
  complaints?: Partial<Record<ComplaintKind, number>>;
  /** What is published in answer. */
  replies?: readonly unknown[];
}

describe('costs only itself, and is counted', () => {
  it.each<[string, string | Buffer, string | Buffer, Effect]>([
    ['JSON that was cut off', 'echo.x', '{"pattern":"echo.x","data":', {}],
    ['JSON of 10,000 levels', 'echo.x', deep, {}],
    ['a packet whose pattern has 10,000 levels', 'echo.x', request('1', '1', deep), {}],
    [
      'a request whose id has 10,000 levels',
      'echo.x',
      request('1', deep),
      { complaints: { replyFailed: 1 } },
    ],
    [
      'a request whose data has 10,000 levels',
      'echo.x',
      request(deep),
      { complaints: { replyFailed: 1 }, replies: ['error'] },
    ],
    ['hostile keys', 'echo.x', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', {}],
    ['a packet with hostile keys', 'echo.x', '{"pattern":"echo.x","data":1,"__proto__":{"polluted":1}}', {}],
    ['nothing', 'echo.x', '', {}],
    ['invalid UTF-8', 'echo.x', Buffer.from([0xff, 0xfe, 0x41]), {}],
    ['a request whose reply has the same pattern', 'echo.x', request('1'), { replies: [1] }],
    [
      'a request on a channel of replies',
      'echo.x.reply',
      request('1', '1', '"echo.x.reply"'),
      { replies: [1] },
    ],
    ['a reply to nobody', 'echo.x.reply', '{"response":1,"id":"nobody","isDisposed":true}', { handled: 0 }],
    [
      'more than maxPayloadBytes',
      'echo.x',
      'x'.repeat(100_001),
      { handled: 0, complaints: { oversized: 1 } },
    ],
    ['an event for a handler that throws', 'throws.x', '1', { complaints: { handlerFailed: 1 } }],
    ['a channel with a space, a line break and globs', 'echo.a b\r\n*?[', '1', {}],
    ['a channel of 64 KB', `echo.${'n'.repeat(65_536)}`, '1', {}],
    [
      'a request on a channel that is no UTF-8',
      Buffer.from('echo.\xff', 'latin1'),
      request('1', '1', '"echo.*"'),
      { replies: [1] },
    ],
    ...['0', 'null', 'false', '""', '{}', '[1]', '1e999'].map((id): [string, string, string, Effect] => [
      `a request with the id ${id}`,
      'echo.x',
      request('1', id),
      { replies: [1] },
    ]),
  ])('%s', async (_, channel, payload, { handled = 1, complaints = {}, replies = [] }) => {
    const heard: unknown[] = [];
    const tap = new Redis(redis.clientAddress);
    await tap.psubscribe('echo.*.reply');
    tap.on('pmessageBuffer', (__, on: Buffer, text: Buffer) => {
      if (!on.equals(Buffer.from(channel)) && on.subarray(0, -6).equals(Buffer.from(channel)))
        heard.push(JSON.parse(text.toString()));
    });
    const before = await report();
    await publisher.publish(channel, payload);
    // The handler of the next message runs after that of this one.
    await publisher.publish('echo.next', '"next"');
    const after = await handledAre(before.handled + handled + 1);
    await publisher.publish('echo.last.reply', '"last"');
    await poll(() => heard.length >= replies.length, { what: 'the replies' });
    tap.disconnect();
    expect(after.handled - before.handled).toBe(handled + 1);
    expect(
      heard.map((reply) =>
        'err' in (reply as object) ? 'error' : (reply as { response: unknown }).response,
      ),
    ).toEqual(replies);
    for (const kind of Object.keys({ ...after.complaints, ...complaints }) as ComplaintKind[]) {
      expect([kind, (after.complaints[kind] ?? 0) - (before.complaints[kind] ?? 0)]).toEqual([
        kind,
        complaints[kind] ?? 0,
      ]);
    }
    expect(after.polluted).toBe(false);
  });
});

it('is logged at most once a second of each kind, however much comes', async () => {
  const before = await report();
  const until = performance.now() + 2_500;
  let sent = 0;
  await poll(
    async () => {
      for (let n = 0; n < 50; n += 1) {
        void publisher.publish('echo.x', request('1', deep));
        await publisher.publish('echo.x', 'x'.repeat(100_001));
        sent += 1;
      }
      // No further ahead than Redis puts up with: it closes a connection that is read too slowly.
      await handledAre(before.handled + sent);
      return performance.now() > until;
    },
    { deadline: 20_000, every: 10 },
  );
  const { complaints, lines } = await handledAre(before.handled + sent);
  expect((complaints.oversized ?? 0) - (before.complaints.oversized ?? 0)).toBe(sent);
  expect((complaints.replyFailed ?? 0) - (before.complaints.replyFailed ?? 0)).toBe(sent);
  for (const words of ['maxPayloadBytes', 'A reply could not be written']) {
    const moments = lines.filter(([, text]) => text.includes(words)).map(([at]) => at);
    expect(moments.length).toBeGreaterThanOrEqual(2);
    for (const [index, at] of moments.slice(1).entries())
      expect(at - (moments[index] ?? 0)).toBeGreaterThan(990);
  }
});

const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
const packet = fc
  .record(
    {
      pattern: fc.jsonValue(),
      data: fc.jsonValue(),
      id: fc.jsonValue(),
      metadata: fc.jsonValue(),
      err: fc.jsonValue(),
      response: fc.jsonValue(),
      isDisposed: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));
const payloads = fc.oneof(
  bytes,
  packet.map((text) => Buffer.from(text)),
  fc.tuple(packet, fc.nat(50)).map(([text, at]) => Buffer.from(text.slice(0, at))),
);

describe('bytes at random', () => {
  it('reach handlers of every mode, and harm nobody', async () => {
    const before = await report();
    let sent = 0;
    for (const payload of fc.sample(payloads, 400)) {
      for (const mode of ['echo', 'text', 'bytes', 'nest', 'raw', 'one', 'throws']) {
        void publisher.publish(`${mode}.x`, payload);
        sent += 1;
      }
    }
    const after = await handledAre(before.handled + sent);
    expect(after.handled).toBe(before.handled + sent);
  });

  it('instead of replies reach no request but the one they are for', async () => {
    const requests = new Redis(redis.clientAddress);
    const ids: string[] = [];
    await requests.subscribe('by.hand');
    requests.on('message', (_, text) => ids.push((JSON.parse(text) as { id: string }).id));
    child.send('ask' satisfies HostileOrder);
    child.send('ask' satisfies HostileOrder);
    await poll(() => ids.length === 2, { what: 'two requests' });
    requests.disconnect();
    const [first = '', second = ''] = ids;
    const reply = (packetOf: object): Promise<number> =>
      publisher.publish('by.hand.reply', JSON.stringify(packetOf));
    for (const payload of fc.sample(payloads, 1_000)) void publisher.publish('by.hand.reply', payload);
    for (const id of [[first], { id: first }, `${first}x`, '', 0, null])
      await reply({ id, response: 'wrong', isDisposed: true });
    await reply({ id: first, response: 1 });
    await reply({ id: first, response: 2, isDisposed: true });
    await reply({ id: first, response: 3, isDisposed: true });
    await reply({ id: second, err: 'no' });
    await reply({ id: second, err: 'again' });
    const { outcomes, strayReplies, pending } = await poll(async () => {
      const now = await report();
      return now.outcomes.length >= 4 && now.strayReplies >= 3 && now;
    });
    expect(outcomes).toEqual(['1', '2', 'the end', 'error "no"']);
    // Twice the last reply of a request, and one to an id that looks like one of ours.
    expect(strayReplies).toBe(3);
    expect(pending).toBe(0);
  });
});

it('a process like this one does end at a rejection that nobody catches', async () => {
  const other = await startHostile();
  const ended = once(other, 'exit');
  other.send('reject' satisfies HostileOrder);
  expect(await ended).toEqual([1, null]);
});
