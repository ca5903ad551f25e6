import type { ConsumerDeserializer } from '@nestjs/microservices';
import { type DecoderOptions, type Incoming, isReply, parsePayload, REPLY } from './envelope.js';
import { isPromiseLike } from './event-outcome.js';

/** A decoder that leaves it to the user's own deserializer what is a packet. Throws and rejects where that does. */
export function createCustomDecoder(
  deserializer: ConsumerDeserializer,
  { envelope, payload: mode }: Pick<DecoderOptions, 'envelope' | 'payload'>,
): (channel: Buffer, payload: Buffer) => Incoming | Promise<Incoming> {
  return (channel, payload) => {
    const json = mode === 'json' || envelope !== 'raw' ? parsePayload(payload) : undefined;
    if (envelope !== 'raw' && isReply(channel, json)) return REPLY;
    const value = mode === 'json' ? json : mode === 'text' ? payload.toString() : payload;
    const toIncoming = (packet: unknown): Incoming =>
      // Our own reply, in a form of the user's, would be answered on a channel that the same pattern matches, for ever.
      envelope !== 'raw' && isReply(channel, packet) ? REPLY : fromPacket(packet);
    const packet: unknown = deserializer.deserialize(value, { channel: channel.toString() });
    return isPromiseLike(packet) ? Promise.resolve(packet).then(toIncoming) : toIncoming(packet);
  };
}

function fromPacket(packet: unknown): Incoming {
  if (typeof packet !== 'object' || packet === null) throw new TypeError('the deserializer gave no packet');
  const { data, id, metadata } = packet as { data?: unknown; id?: unknown; metadata?: Incoming['metadata'] };
  return { kind: id === undefined ? 'event' : 'request', data, id, metadata };
}
