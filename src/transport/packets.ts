import { RedisResilientError } from '../errors.js';

/** What travels on `<channel>.reply`, field by field in the order the stock transport writes them. */
export interface ReplyPacket {
  err?: unknown;
  response?: unknown;
  isDisposed?: true;
  id?: unknown;
}

/**
 * The text of a packet. Throws `UNSERIALIZABLE` for what JSON cannot hold: BigInt, cycles, functions, nesting beyond the
 * stack.
 *
 * @param what names the packet in the error, for example `the request to "orders.get"`
 */
export function encode(packet: unknown, what: string): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(packet);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : 'JSON has no form for it';
  throw new RedisResilientError(
    'UNSERIALIZABLE',
    `Could not write ${what} as JSON: ${reason ?? ''}. Send plain data, or convert it in a serializer.`,
    { cause },
  );
}
