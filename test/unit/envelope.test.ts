import { describe, expect, it } from '@jest/globals';
import type { EnvelopeMode, PayloadMode } from '../../src/options.js';
import { createDecoder, type Incoming } from '../../src/transport/envelope.js';

interface Given {
  envelope?: EnvelopeMode;
  payload?: PayloadMode;
  channel?: string | Buffer;
  subscription?: string;
}

const routes = (pattern: unknown): unknown => (typeof pattern === 'number' ? String(pattern) : pattern);

function decode(text: string | Buffer, given: Given = {}): Incoming {
  const { envelope = 'auto', payload = 'json', channel = 'orders.new', subscription = 'orders.*' } = given;
  const decoder = createDecoder({ envelope, payload, subscription, toRoute: routes });
  return decoder(Buffer.from(channel as string), Buffer.from(text as string));
}

const event = (data: unknown): Partial<Incoming> => ({ kind: 'event', data, id: undefined });

describe('a payload that is no Nest packet arrives whole', () => {
  it.each<[string, string, unknown]>([
    ['an object', '{"id":1}', { id: 1 }],
    ['plain text', 'hello', 'hello'],
    ['text that begins like JSON', 'true story', 'true story'],
    ['truncated JSON', '{"id":', '{"id":'],
    ['a number', '5', 5],
    ['null', 'null', null],
    ['a list', '[1,2]', [1, 2]],
    ['nothing at all', '', ''],
    ['white space before JSON', ' \n{"a":1}', { a: 1 }],
    ['data with further keys', '{"data":5,"type":"x"}', { data: 5, type: 'x' }],
    ['data without a pattern', '{"data":5}', { data: 5 }],
    ['an id beside data', '{"data":5,"id":7}', { data: 5, id: 7 }],
    ['a pattern alone', '{"pattern":"orders.new"}', { pattern: 'orders.new' }],
    ['the pattern of something else', '{"pattern":"stripes","data":5}', { pattern: 'stripes', data: 5 }],
    [
      'a packet with a further key',
      '{"pattern":"orders.new","data":5,"x":1}',
      { pattern: 'orders.new', data: 5, x: 1 },
    ],
    [
      'metadata that is no object',
      '{"pattern":"orders.new","data":5,"metadata":1}',
      { pattern: 'orders.new', data: 5, metadata: 1 },
    ],
  ])('%s', (_, text, data) => {
    expect(decode(text)).toMatchObject(event(data));
  });

  it('keeps __proto__ an ordinary key', () => {
    const { data } = decode('{"__proto__":{"polluted":true},"pattern":"orders.new","data":1}');
    expect(Object.keys(data as object)).toContain('__proto__');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a Nest packet is opened', () => {
  it('an event', () => {
    expect(decode('{"pattern":"orders.new","data":{"id":1}}')).toMatchObject(event({ id: 1 }));
  });

  it('an event that names the subscription', () => {
    expect(decode('{"pattern":"orders.*","data":1}')).toMatchObject(event(1));
  });

  it('a request, with an id of any type', () => {
    for (const id of ['a', 7, null, false, { deep: [1] }]) {
      const packet = JSON.stringify({ pattern: 'orders.new', data: 1, id });
      expect(decode(packet)).toMatchObject({ kind: 'request', data: 1, id });
    }
  });

  it('a request whose data JSON could not hold', () => {
    expect(decode('{"pattern":"orders.new","id":"1"}')).toMatchObject({ kind: 'request', data: undefined });
  });

  it('with the metadata of Nest 12', () => {
    const { data, metadata } = decode('{"pattern":"orders.new","data":1,"metadata":{"trace":"t"}}');
    expect({ data, metadata }).toEqual({ data: 1, metadata: { trace: 't' } });
  });

  it('with a pattern that is no text', () => {
    expect(decode('{"pattern":7,"data":1}', { channel: '7', subscription: '7' })).toMatchObject(event(1));
  });

  it('not when Nest cannot read its pattern', () => {
    const toRoute = (): never => {
      throw new RangeError('too deep');
    };
    const decoder = createDecoder({ envelope: 'auto', payload: 'json', subscription: 'x', toRoute });
    expect(decoder(Buffer.from('x'), Buffer.from('{"pattern":{},"data":1}')).data).toEqual({
      pattern: {},
      data: 1,
    });
  });
});

describe("envelope: 'nest'", () => {
  it('opens whatever has data or a pattern, as Nest does', () => {
    expect(decode('{"data":5,"type":"x"}', { envelope: 'nest' })).toMatchObject(event(5));
    expect(decode('{"pattern":"elsewhere","data":5,"id":"1"}', { envelope: 'nest' })).toMatchObject({
      kind: 'request',
      data: 5,
      id: '1',
    });
  });

  it('leaves the rest whole', () => {
    expect(decode('{"id":1}', { envelope: 'nest' })).toMatchObject(event({ id: 1 }));
    expect(decode('hello', { envelope: 'nest' })).toMatchObject(event('hello'));
  });
});

describe("envelope: 'raw'", () => {
  it('opens nothing, not even a reply', () => {
    const packet = { pattern: 'orders.new', data: 1, id: '1' };
    expect(decode(JSON.stringify(packet), { envelope: 'raw' })).toMatchObject(event(packet));
    const reply = { id: '1', response: 1 };
    expect(decode(JSON.stringify(reply), { envelope: 'raw', channel: 'a.reply' })).toMatchObject(
      event(reply),
    );
  });
});

describe('payload', () => {
  it("'buffer' hands over the bytes untouched", () => {
    const bytes = Buffer.from([0xff, 0x00, 0x7b]);
    expect(decode(bytes, { payload: 'buffer' }).data).toEqual(bytes);
  });

  it("'text' hands over text, also where it is JSON", () => {
    expect(decode('{"id":1}', { payload: 'text' })).toMatchObject(event('{"id":1}'));
  });

  it("'json' reads invalid UTF-8 as text with replacement characters", () => {
    expect(decode(Buffer.from([0xff, 0x41])).data).toBe('\uFFFDA');
  });
});

describe('replies of others', () => {
  const channel = 'users.get.reply';

  it.each(['{"id":"1","response":1}', '{"err":"x","id":1}', '{"isDisposed":true,"id":null}'])(
    'are dropped: %s',
    (text) => {
      for (const payload of ['json', 'text', 'buffer'] as const) {
        expect(decode(text, { channel, payload }).kind).toBe('reply');
      }
      expect(decode(text, { channel, envelope: 'nest' }).kind).toBe('reply');
    },
  );

  it.each(['{"id":"1"}', '{"response":1}', 'hello', '[1]', 'null', '{"pattern":"users.*","data":1}'])(
    'are not mistaken: %s is a message',
    (text) => {
      expect(decode(text, { channel }).kind).toBe('event');
    },
  );

  it('travel only on a channel that ends in .reply', () => {
    for (const other of ['users.get', '.replies', 'reply', 'usersreply', 'y']) {
      expect(decode('{"id":"1","response":1}', { channel: other }).kind).toBe('event');
    }
    expect(decode('{"id":"1","response":1}', { channel: '.reply' }).kind).toBe('reply');
  });
});
