import { describe, expect, it } from '@jest/globals';
import { Observable, Subject, throwError } from 'rxjs';
import type { ProcessingHooks } from '../../src/transport/consumer.js';
import type { RedisResilientContext } from '../../src/transport/context.js';
import { desk, handler, request } from '../support/desk.js';

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
