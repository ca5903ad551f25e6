import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { of, Subject, throwError } from 'rxjs';
import { messageChannel, type MessageEvent } from '../../src/channels.js';
import { resolveOptions } from '../../src/options.js';
import { Complaints } from '../../src/transport/complaints.js';
import type { Consumer, ConsumerHost } from '../../src/transport/consumer.js';
import { createConsumers } from '../../src/transport/create-consumers.js';
import { Workload } from '../../src/transport/workload.js';

const told: MessageEvent[] = [];
const listen = (event: unknown): void => void told.push(event as MessageEvent);

afterEach(() => {
  unsubscribe(messageChannel.name, listen);
  told.length = 0;
});

/** The consumers of `orders.*`, with nothing behind them. */
function consumersOf(handlers: MessageHandler[], given: Partial<ConsumerHost> = {}): Consumer[] {
  const host: ConsumerHost = {
    instance: { instance: 'i1', name: 'billing' },
    workload: new Workload(() => undefined),
    complaints: new Complaints({ warn: () => undefined }),
    maxPayloadBytes: 100,
    serializer: undefined,
    deserializer: undefined,
    hooks: undefined,
    toRoute: String,
    countLateDropped: () => undefined,
    openOverflow: () => ({ drop: () => undefined, close: () => undefined }),
    publish: async () => 1,
    ...given,
  };
  return createConsumers('orders.*', true, handlers, resolveOptions({ redis: { port: 1 } }), host);
}

const handler = (body: () => unknown, extras = {}): MessageHandler =>
  Object.assign(body as MessageHandler, { extras });

function send(consumers: Consumer[], payload = '{"n":1}', late = false): void {
  for (const { accept } of consumers) accept(Buffer.from('orders.new'), Buffer.from(payload), late);
}

const request = JSON.stringify({ pattern: 'orders.new', data: 1, id: 'r1' });
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the message channel says what became of each message', () => {
  it.each<[string, () => unknown, string]>([
    ['a value', () => 1, 'handled'],
    ['a promise', () => Promise.resolve(1), 'handled'],
    ['an Observable', () => of(1, 2), 'handled'],
    [
      'a handler that throws',
      () => {
        throw new Error('no');
      },
      'failed',
    ],
    ['a promise that rejects', () => Promise.reject(new Error('no')), 'failed'],
    ['an Observable that fails', () => throwError(() => new Error('no')), 'failed'],
  ])('%s, for events and requests alike', async (_, body, outcome) => {
    subscribe(messageChannel.name, listen);
    send(consumersOf([handler(body)]));
    send(consumersOf([handler(body)]), request);
    await soon();
    expect(told).toHaveLength(2);
    for (const event of told) {
      expect(event).toMatchObject({
        instance: 'i1',
        name: 'billing',
        pattern: 'orders.*',
        outcome,
        late: false,
      });
    }
  });

  it('at the end of the handler, not of its call', async () => {
    subscribe(messageChannel.name, listen);
    const work = new Subject();
    send(consumersOf([handler(() => work)]), '1', true);
    send(consumersOf([handler(() => Promise.resolve(work))]), request);
    const begun = performance.now();
    await soon();
    expect(told).toEqual([]);
    work.next('a value is not the end');
    const least = performance.now() - begun;
    work.complete();
    expect(told.map(({ outcome }) => outcome)).toEqual(['handled', 'handled']);
    expect(told.map(({ late }) => late)).toEqual([true, false]);
    for (const { duration } of told) expect(duration).toBeGreaterThanOrEqual(least);
  });

  it('once for handlers that are treated alike: when the last has ended, and failed where one has', async () => {
    subscribe(messageChannel.name, listen);
    const work = new Subject();
    send(consumersOf([handler(() => Promise.reject(new Error('no'))), handler(() => work)]));
    await soon();
    expect(told).toEqual([]);
    work.complete();
    expect(told.map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  it('with hooks of Nest around it as without', async () => {
    subscribe(messageChannel.name, listen);
    const hooks = { start: (_: unknown, done: () => Promise<void>) => void done(), end: () => undefined };
    send(consumersOf([handler(() => 1)], { hooks }));
    const broken = {
      ...hooks,
      start: () => {
        throw new Error('no');
      },
    };
    send(consumersOf([handler(() => 1)], { hooks: broken }));
    expect(told.map(({ outcome }) => outcome)).toEqual(['handled', 'failed']);
  });

  it('whatever no handler gets', () => {
    subscribe(messageChannel.name, listen);
    send(consumersOf([handler(() => 1)]), 'x'.repeat(101));
    const deserializer = {
      deserialize: () => {
        throw new Error('unreadable');
      },
    };
    send(consumersOf([handler(() => 1)], { deserializer }), '1', true);
    send(consumersOf([handler(() => 1, { lateMessages: 'drop' })]), '1', true);
    expect(told.map(({ outcome, late, duration }) => [outcome, late, duration])).toEqual([
      ['broken', false, 0],
      ['broken', true, 0],
      ['late-dropped', true, 0],
    ]);
  });

  it.each(['drop-oldest', 'drop-newest'])('what overflows with %s, and what waits at the end', (overflow) => {
    subscribe(messageChannel.name, listen);
    const extras = { dispatch: { concurrency: 1, maxPending: 1, overflow } };
    const consumers = consumersOf([handler(() => new Subject(), extras)]);
    send(consumers, '1');
    send(consumers, '2', true);
    send(consumers, '3');
    expect(told.map(({ outcome, late }) => [outcome, late])).toEqual([
      ['dropped', overflow === 'drop-oldest'],
    ]);
    for (const consumer of consumers) consumer.stop();
    expect(told.map(({ outcome }) => outcome)).toEqual(['dropped', 'dropped']);
  });

  it('and nothing while nobody listens, also of what was on its way', () => {
    const work = new Subject();
    send(consumersOf([handler(() => work)]));
    subscribe(messageChannel.name, listen);
    work.complete();
    expect(told).toEqual([]);
  });
});
