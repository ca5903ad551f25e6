import { describe, expect, it } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { EMPTY, from, Observable, of, Subject, throwError } from 'rxjs';
import { poll } from '../../src/testing/index.js';
import type { ProcessingHooks } from '../../src/transport/consumer.js';
import type { RedisResilientContext } from '../../src/transport/context.js';
import { desk } from '../support/desk.js';

function handler(
  body: (data: unknown, context: RedisResilientContext) => unknown,
  extras = {},
): MessageHandler {
  return Object.assign(body as MessageHandler, { extras });
}

const request = (data: unknown, id: unknown = 'r1', pattern = 'sum'): string =>
  JSON.stringify({ pattern, data, id });

describe('a request is answered as the stock transport answers', () => {
  it.each<[string, () => unknown, object[]]>([
    ['a value', () => 3, [{ response: 3, isDisposed: true, id: 'r1' }]],
    ['a promise', () => Promise.resolve(3), [{ response: 3, isDisposed: true, id: 'r1' }]],
    ['nothing', () => undefined, [{ isDisposed: true, id: 'r1' }]],
    ['an Observable with one value', () => of(3), [{ response: 3, isDisposed: true, id: 'r1' }]],
    [
      'an Observable with many values',
      () => from([1, 2]),
      [
        { response: 1, id: 'r1' },
        { response: 2, isDisposed: true, id: 'r1' },
      ],
    ],
    [
      'a promise of an Observable',
      () => Promise.resolve(of(1)),
      [{ response: 1, isDisposed: true, id: 'r1' }],
    ],
    ['an empty Observable', () => EMPTY, [{ isDisposed: true, id: 'r1' }]],
    [
      'an error',
      () => throwError(() => ({ status: 'error', message: 'no' })),
      [{ err: { status: 'error', message: 'no' }, isDisposed: true, id: 'r1' }],
    ],
    [
      'a value before an error',
      () =>
        new Observable((observer) => {
          observer.next(1);
          observer.error('no');
        }),
      [
        { response: 1, id: 'r1' },
        { err: 'no', isDisposed: true, id: 'r1' },
      ],
    ],
    [
      'a handler that throws beside the filters',
      () => {
        throw new Error('secret');
      },
      [{ err: { status: 'error', message: 'Internal server error' }, isDisposed: true, id: 'r1' }],
    ],
    [
      'a value that JSON cannot hold',
      () => 1n,
      [{ err: { status: 'error', message: 'Internal server error' }, isDisposed: true, id: 'r1' }],
    ],
  ])('%s', async (_, body, packets) => {
    const wire = desk('sum', [handler(body)]);
    wire.send('sum', request(1));
    await wire.done();
    expect(wire.published).toEqual(packets.map((packet) => ({ channel: 'sum.reply', packet })));
    expect(wire.published.map(({ packet }) => JSON.stringify(packet))).toEqual(
      packets.map((packet) => JSON.stringify(packet)),
    );
  });

  it('value by value, the end on its own where it comes later', async () => {
    const values = new Subject<number>();
    const wire = desk('sum', [handler(() => values)]);
    wire.send('sum', request(1));
    values.next(1);
    await poll(() => wire.published.length === 1);
    values.complete();
    await wire.done();
    expect(wire.published.map(({ packet }) => packet)).toEqual([
      { response: 1, id: 'r1' },
      { isDisposed: true, id: 'r1' },
    ]);
  });

  it('on the channel it came on, where the handler listens to a pattern', async () => {
    const wire = desk('users.*', [handler(() => 1)]);
    wire.send('users.get', request(1, 'r1', 'users.get'));
    await wire.done();
    expect(wire.published[0]?.channel).toBe('users.get.reply');
  });

  it('with the id as it came, whatever it is', async () => {
    const wire = desk('sum', [handler(() => 1)]);
    for (const id of [7, null, { a: [1] }]) wire.send('sum', request(1, id));
    await wire.done();
    expect(wire.published.map(({ packet }) => (packet as { id: unknown }).id)).toEqual([7, null, { a: [1] }]);
  });

  it('never with a reply to its own reply', async () => {
    const seen: unknown[] = [];
    const wire = desk('*', [handler((data) => seen.push(data))]);
    wire.send('a', request(1, 'r1', 'a'));
    await wire.done();
    for (const { channel, packet } of [...wire.published]) wire.send(channel, JSON.stringify(packet));
    expect(wire.published).toHaveLength(1);
    expect(seen).toEqual([1]);
  });

  it('stops a stream whose value cannot be sent', async () => {
    let left = false;
    const wire = desk('sum', [
      handler(
        () =>
          new Observable((observer) => {
            observer.next(1n);
            return () => (left = true);
          }),
      ),
    ]);
    wire.send('sum', request(1));
    await wire.done();
    expect(left).toBe(true);
    expect(wire.host.complaints.counts()).toEqual({ replyFailed: 1 });
  });

  it('through a serializer, in order also where it is async', async () => {
    const serializer = {
      serialize: async (packet: { response?: number }) => {
        if (packet.response === 1) await new Promise((resolve) => setImmediate(resolve));
        return { wrapped: packet };
      },
    };
    const wire = desk('sum', [handler(() => from([1, 2, 3]))], { serializer });
    wire.send('sum', request(1));
    await wire.done();
    expect(
      wire.published.map(({ packet }) => (packet as { wrapped: { response: number } }).wrapped.response),
    ).toEqual([1, 2, 3]);
  });
});

describe('an event', () => {
  it('counts as unfinished until its promise or Observable has ended', async () => {
    const stream = new Subject<void>();
    const wire = desk('a', [handler(async () => stream)]);
    wire.send('a', '1');
    await Promise.resolve();
    expect(wire.host.workload.unfinished).toBe(1);
    stream.complete();
    await wire.done();
  });

  it('reaches every handler of the chain, whatever becomes of the others', async () => {
    const seen: string[] = [];
    const wire = desk('a', [
      handler(() => {
        throw new Error('first');
      }),
      handler(() => throwError(() => new Error('second'))),
      handler(async () => seen.push('third')),
      handler(
        () =>
          new Observable<void>((observer) => {
            setImmediate(() => {
              seen.push('fourth');
              observer.complete();
            });
          }),
      ),
    ]);
    wire.send('a', '1');
    await wire.done();
    expect(seen).toEqual(['third', 'fourth']);
    expect(wire.host.complaints.counts()).toEqual({ handlerFailed: 2 });
  });

  it('at a handler of requests gets no reply', async () => {
    const seen: unknown[] = [];
    const wire = desk('sum', [handler((data) => seen.push(data))]);
    wire.send('sum', '{"a":1}');
    await wire.done();
    expect(seen).toEqual([{ a: 1 }]);
    expect(wire.published).toEqual([]);
  });

  it('tells its context', () => {
    let context: RedisResilientContext | undefined;
    const wire = desk('orders.*', [handler((_, ctx) => (context = ctx))]);
    wire.send('orders.new', '1', true);
    expect(context?.getChannel()).toBe('orders.new');
    expect(context?.getArgByIndex(0)).toBe('orders.new');
    expect(context?.getArgs()[0]).toBe('orders.new');
    expect(context?.getPattern()).toBe('orders.*');
    expect(context?.isLate()).toBe(true);
  });
});

describe('per handler', () => {
  it('payload and lateMessages differ within one chain', () => {
    const seen: unknown[] = [];
    const wire = desk('a', [
      handler((data) => seen.push(data)),
      handler((data) => seen.push(data), { payload: 'buffer' }),
      handler((data) => seen.push(data), { lateMessages: 'drop' }),
    ]);
    wire.send('a', '1', true);
    expect(seen).toEqual([1, Buffer.from('1')]);
    expect(wire.lateDropped).toBe(1);
  });

  it('a slow one with a limit holds up nobody else, and its drops are counted', async () => {
    const seen: unknown[] = [];
    const slow = new Subject<void>();
    const wire = desk('a', [
      handler(() => slow, { dispatch: { concurrency: 1, maxPending: 2 } }),
      handler((data) => seen.push(data)),
    ]);
    for (let i = 0; i < 5; i += 1) wire.send('a', String(i));
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(wire.host.complaints.counts()).toEqual({ overflowed: 2 });
    expect(wire.overflows).toEqual(['a']);
    slow.complete();
    await wire.done();
  });

  it.each([
    [{ dispatch: { concurrency: 0 } }, 'dispatch.concurrency of "a"'],
    [{ dispatch: { concurency: 1 } }, 'dispatch of "a".concurency'],
    [{ payload: 'bytes' }, 'payload of "a"'],
    [{ envelope: 'json' }, 'envelope of "a"'],
    [{ lateMessages: 'keep' }, 'lateMessages of "a"'],
  ])('refuses %j', (extras, named) => {
    expect(() => desk('a', [handler(() => 1, extras)])).toThrow(named);
  });
});

describe('a broken message costs only itself', () => {
  it('when it is too large', () => {
    const seen: unknown[] = [];
    const wire = desk('a', [handler((data) => seen.push(data))], { maxPayloadBytes: 3 });
    for (const payload of ['1234', '123', '12345']) wire.send('a', payload);
    expect(seen).toEqual([123]);
    expect(wire.host.complaints.counts()).toEqual({ oversized: 2 });
    expect(wire.warnings).toHaveLength(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['gives nothing', () => undefined],
    ['gives a promise of nothing', () => Promise.resolve(null)],
  ])('when a deserializer %s', async (_, broken) => {
    const seen: unknown[] = [];
    const deserializer = {
      deserialize: (value: unknown) => (value === 'broken' ? broken() : { data: value }) as never,
    };
    const wire = desk('a', [handler((data) => seen.push(data))], { deserializer });
    wire.send('a', 'broken');
    wire.send('a', 'fine');
    await wire.done();
    expect(seen).toEqual(['fine']);
    expect(wire.host.complaints.counts()).toEqual({ undecodable: 1 });
  });

  it('when its reply cannot be published', async () => {
    const wire = desk('sum', [handler(() => 1)], { publish: () => Promise.reject(new Error('away')) });
    wire.send('sum', request(1));
    await wire.done();
    expect(wire.host.complaints.counts()).toEqual({ replyFailed: 1 });
  });
});

describe("Nest's processing hooks", () => {
  it('surround every message once, to the end of its stream', async () => {
    const calls: string[] = [];
    const hooks: ProcessingHooks = {
      start: (context, done) => {
        calls.push(`start ${context.getChannel()}`);
        void done();
      },
      end: (context) => calls.push(`end ${context.getChannel()}`),
    };
    const stream = new Subject<number>();
    const wire = desk('*', [handler(() => stream)], { hooks });
    wire.send('a', '1');
    wire.send('b', request(1, 'r1', 'b'));
    expect(calls).toEqual(['start a', 'start b']);
    stream.complete();
    await wire.done();
    expect(calls).toEqual(['start a', 'start b', 'end a', 'end b']);
  });

  it('that throw cost only their message', async () => {
    const hooks: ProcessingHooks = {
      start: () => {
        throw new Error('tracing');
      },
      end: () => undefined,
    };
    const wire = desk('a', [handler(() => 1)], { hooks });
    expect(() => wire.send('a', '1')).not.toThrow();
    await wire.done();
  });
});

it('warns once when 10,000 messages are pending without a limit', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const wire = desk('a', [handler(never, { dispatch: { concurrency: 1, maxPending: 20_000 } })]);
  const unlimited = desk('a', [handler(never)]);
  for (let i = 0; i < 20_000; i += 1) {
    wire.send('a', '1');
    unlimited.send('a', '1');
  }
  const about = (line: string): boolean => line.includes('10000 messages are pending');
  expect(wire.warnings.filter(about)).toEqual([]);
  expect(unlimited.warnings.filter(about)).toHaveLength(1);
});

it('drain resolves once everything is finished, or with what is not', async () => {
  const slow = new Subject<void>();
  const one = desk('a', [handler(() => slow)]);
  one.send('a', '1');
  const drained = one.host.workload.drained(5_000);
  slow.complete();
  expect(await drained).toBe(0);
  const other = desk('a', [handler(() => new Promise(() => undefined))]);
  other.send('a', '1');
  expect(await other.host.workload.drained(10)).toBe(1);
});
