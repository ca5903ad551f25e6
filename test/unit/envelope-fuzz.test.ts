import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDecoder } from '../../src/transport/envelope.js';

const decoders = (['auto', 'nest', 'raw'] as const).flatMap((envelope) =>
  (['json', 'text', 'buffer'] as const).map((payload) => ({
    envelope,
    payload,
    decode: createDecoder({ envelope, payload, subscription: 'a.*', toRoute: String }),
  })),
);

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const channels = fc.oneof(
  bytes,
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc
    .constantFrom('', '.reply', 'a.b.reply', 'a.*', 'x\ny z', 'é'.repeat(32_768))
    .map((text) => Buffer.from(text)),
);
const packets = fc
  .record(
    {
      pattern: fc.oneof(fc.constantFrom('a.*', 'a.b.reply'), fc.jsonValue()),
      data: fc.jsonValue(),
      id: fc.jsonValue(),
      metadata: fc.jsonValue(),
      response: fc.jsonValue(),
      err: fc.jsonValue(),
      isDisposed: fc.jsonValue(),
      ['__proto__']: fc.jsonValue(),
      constructor: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((packet) => JSON.stringify(packet));

describe('whatever the bytes', () => {
  it('no decoder throws, and each answers with a kind', () => {
    const payloads = fc.oneof(
      bytes,
      packets.map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(channels, payloads, (channel, payload) => {
        for (const { decode } of decoders) {
          expect(['event', 'request', 'reply']).toContain(decode(channel, payload).kind);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a packet that was cut anywhere arrives as text, or as what is left of it', () => {
    const auto = decoders[0]!.decode;
    fc.assert(
      fc.property(packets, fc.nat(), (text, at) => {
        const cut = text.slice(0, at % text.length);
        expect(auto(Buffer.from('a.b'), Buffer.from(cut))).toMatchObject({ kind: 'event', data: cut });
      }),
    );
  });

  it('JSON that is no packet arrives equal to what was sent', () => {
    const auto = decoders[0]!.decode;
    const foreign = fc.jsonValue().filter((value) => !hasPattern(value));
    fc.assert(
      fc.property(foreign, (value) => {
        const text = JSON.stringify(value);
        expect(auto(Buffer.from('a.b'), Buffer.from(text)).data).toEqual(JSON.parse(text));
      }),
    );
  });

  it('10,000 levels deep', () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const hostile = `{"pattern":${deep},"data":${deep},"id":${deep}}`;
    for (const { decode } of decoders) {
      expect(() => decode(Buffer.from('a.b'), Buffer.from(deep))).not.toThrow();
      expect(() => decode(Buffer.from('a.b'), Buffer.from(hostile))).not.toThrow();
      expect(() => decode(Buffer.from('a.b.reply'), Buffer.from(hostile))).not.toThrow();
    }
  });
});

function hasPattern(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'pattern' in value;
}
