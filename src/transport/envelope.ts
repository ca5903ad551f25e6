import type { EnvelopeMode, PayloadMode } from '../options.js';

/** What stood beside the data in a Nest packet (Nest 12). */
export type PacketMetadata = Record<string, string>;

/** A message as its handler gets it. */
export interface Incoming {
  /** A `reply` belongs to a client and reaches no handler. */
  readonly kind: 'event' | 'request' | 'reply';
  readonly data: unknown;
  /** Of a request: whatever its sender chose, of any type. */
  readonly id: unknown;
  readonly metadata: PacketMetadata | undefined;
}

/** Reads one message of one subscription. Never throws, whatever the bytes. */
export type Decoder = (channel: Buffer, payload: Buffer) => Incoming;

export interface DecoderOptions {
  readonly envelope: EnvelopeMode;
  readonly payload: PayloadMode;
  /** The name that was subscribed: a channel or a pattern. */
  readonly subscription: string;
  /** Nest's own way from the pattern of a packet to the name of a channel. */
  readonly toRoute: (pattern: unknown) => unknown;
}

type Unpack = (value: object, channel: Buffer) => Incoming;

/** Stands for every reply: nobody reads what it holds. */
export const REPLY: Incoming = { kind: 'reply', data: undefined, id: undefined, metadata: undefined };

/** A decoder for one subscription, with everything decided that does not depend on the message. */
export function createDecoder(options: DecoderOptions): Decoder {
  if (options.payload !== 'json') return decodeUntouched(options);
  if (options.envelope === 'raw') return (_channel, payload) => whole(parsePayload(payload));
  return decodeJson(options.envelope === 'nest' ? unpackExpected : unpackStrictly(options));
}

/** The value that a payload holds: JSON where it is JSON, text where it is not. Invalid UTF-8 becomes U+FFFD. */
export function parsePayload(payload: Buffer): unknown {
  const text = payload.toString();
  // Throwing and catching a SyntaxError costs more than everything else that happens to a line of plain text.
  if (STARTS_JSON[payload[0] ?? 0] === 0) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether a message is the answer to somebody's request: it travels on `<channel>.reply` and looks like one. */
export function isReply(channel: Buffer, value: unknown): boolean {
  return endsInReply(channel) && looksLikeReply(value);
}

/** Parses each payload once. */
function decodeJson(unpack: Unpack): Decoder {
  return (channel, payload) => {
    const value = parsePayload(payload);
    if (typeof value !== 'object' || value === null) return whole(value);
    return isReply(channel, value) ? REPLY : unpack(value, channel);
  };
}

/** Gives text or bytes as they came; only on a channel of replies is there a second look. */
function decodeUntouched({ envelope, payload: mode }: DecoderOptions): Decoder {
  const dropsReplies = envelope !== 'raw';
  return (channel, payload) => {
    if (dropsReplies && endsInReply(channel) && looksLikeReply(parsePayload(payload))) return REPLY;
    return whole(mode === 'text' ? payload.toString() : payload);
  };
}

/**
 * A Nest packet has `pattern`, `data` or `id`, perhaps `metadata`, nothing else, and its pattern names the channel it came
 * on (or the subscription). Everything else is the user's own JSON and arrives whole.
 */
function unpackStrictly({ subscription, toRoute }: DecoderOptions): Unpack {
  return (value, channel) => {
    const { pattern } = value as { pattern?: unknown };
    if (pattern === undefined || !hasKeysOfPacket(value)) return whole(value);
    const route = typeof pattern === 'string' ? pattern : tryRoute(pattern, toRoute);
    return route === subscription || route === channel.toString() ? open(value) : whole(value);
  };
}

/** As Nest's own deserializer decides: whatever has a pattern or data is a packet. */
const unpackExpected: Unpack = (value) => {
  const { pattern, data } = value as { pattern?: unknown; data?: unknown };
  return pattern === undefined && data === undefined ? whole(value) : open(value);
};

function hasKeysOfPacket(value: object): boolean {
  let carries = false;
  for (const key of Object.keys(value)) {
    if (key === 'data' || key === 'id') carries = true;
    else if (key === 'metadata') {
      if (!isRecord((value as { metadata: unknown }).metadata)) return false;
    } else if (key !== 'pattern') return false;
  }
  return carries && Object.hasOwn(value, 'pattern');
}

function open(value: object): Incoming {
  const { data, id, metadata } = value as { data?: unknown; id?: unknown; metadata?: unknown };
  return {
    kind: id === undefined ? 'event' : 'request',
    data,
    id,
    metadata: isRecord(metadata) ? (metadata as PacketMetadata) : undefined,
  };
}

function whole(data: unknown): Incoming {
  return { kind: 'event', data, id: undefined, metadata: undefined };
}

/** Patterns come from strangers: whatever Nest makes of a hostile one, it names no channel. */
function tryRoute(pattern: unknown, toRoute: DecoderOptions['toRoute']): unknown {
  try {
    return toRoute(pattern);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const REPLY_SUFFIX = Buffer.from('.reply');

function endsInReply(channel: Buffer): boolean {
  const start = channel.length - REPLY_SUFFIX.length;
  // The last byte settles it for nearly every channel.
  return start >= 0 && channel[channel.length - 1] === 0x79 && channel.subarray(start).equals(REPLY_SUFFIX);
}

function looksLikeReply(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id')) return false;
  return (
    Object.hasOwn(value, 'response') || Object.hasOwn(value, 'err') || Object.hasOwn(value, 'isDisposed')
  );
}

/** 1 for each byte that JSON may begin with. */
const STARTS_JSON = new Uint8Array(256);
for (const start of '{["-0123456789tfn \t\r\n') STARTS_JSON[start.charCodeAt(0)] = 1;
