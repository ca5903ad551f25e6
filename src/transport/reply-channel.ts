const SUFFIX = '.reply';
const SUFFIX_BYTES = Buffer.from(SUFFIX);

/**
 * Replies travel on the channel the request came on, byte for byte, also where the handler listens to a pattern.
 *
 * @param name of the channel, as far as it is text
 */
export function replyChannel(channel: Buffer, name: string): string | Buffer {
  return name.includes('\uFFFD') ? Buffer.concat([channel, SUFFIX_BYTES]) : name + SUFFIX;
}
