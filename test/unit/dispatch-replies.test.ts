import { describe, expect, it } from '@jest/globals';
import { EMPTY, from, Observable, of, Subject, throwError } from 'rxjs';
import { poll } from '../../src/testing/index.js';
import { desk, handler, request } from '../support/desk.js';

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

  it("through a serializer that gives another library's promise", async () => {
    const thenable = (value: unknown) => ({ then: (resolve: (value: unknown) => void) => resolve(value) });
    const serializer = {
      serialize: ({ response }: { response?: number }) => thenable({ wrapped: response }),
    };
    const wire = desk('sum', [handler(() => 6)], { serializer });
    wire.send('sum', request(1));
    await wire.done();
    expect(wire.published.map(({ packet }) => packet)).toEqual([{ wrapped: 6 }]);
  });
});
