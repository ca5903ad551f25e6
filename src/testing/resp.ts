/** A reply of Redis: RESP2, with bulk strings read as UTF-8. */
export type Reply = string | number | null | Reply[];

/** Redis answered a command with an error; the message is the server's own (`NOPERM …`, `WRONGPASS …`). */
export class RedisReplyError extends Error {
  override readonly name = 'RedisReplyError';
}

type Parsed<T> = { value: T; end: number } | undefined;

const CRLF = '\r\n';

/** Writes one command in the RESP protocol. */
export function encodeCommand(args: readonly (string | number | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}${CRLF}`)];
  for (const arg of args) {
    const bytes = typeof arg === 'object' ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}${CRLF}`), bytes, Buffer.from(CRLF));
  }
  return Buffer.concat(parts);
}

/** Takes bytes as they come from a socket and gives the replies that are complete. */
export class ReplyParser {
  private unread: Buffer = Buffer.alloc(0);

  /** @throws Error when the bytes are not RESP2 (another protocol speaks on that port). */
  read(bytes: Buffer): (Reply | RedisReplyError)[] {
    this.unread = this.unread.length === 0 ? bytes : Buffer.concat([this.unread, bytes]);
    const replies: (Reply | RedisReplyError)[] = [];
    let at = 0;
    for (let parsed = parseReply(this.unread, at); parsed; parsed = parseReply(this.unread, at)) {
      replies.push(parsed.value);
      at = parsed.end;
    }
    this.unread = this.unread.subarray(at);
    return replies;
  }
}

/** https://redis.io/docs/latest/develop/reference/protocol-spec/ */
function parseReply(bytes: Buffer, start: number): Parsed<Reply | RedisReplyError> {
  const lineEnd = bytes.indexOf(CRLF, start);
  if (lineEnd === -1) return undefined;
  const type = bytes.toString('latin1', start, start + 1);
  const line = bytes.toString('utf8', start + 1, lineEnd);
  const end = lineEnd + CRLF.length;
  switch (type) {
    case '+':
      return { value: line, end };
    case '-':
      return { value: new RedisReplyError(line), end };
    case ':':
      return { value: Number(line), end };
    case '$':
      return parseBulkString(bytes, end, Number(line));
    case '*':
      return parseArray(bytes, end, Number(line));
    default:
      throw new Error(`Not a Redis reply: ${JSON.stringify(type + line)}`);
  }
}

function parseBulkString(bytes: Buffer, start: number, length: number): Parsed<Reply> {
  if (length === -1) return { value: null, end: start };
  const end = start + length + CRLF.length;
  if (bytes.length < end) return undefined;
  return { value: bytes.toString('utf8', start, start + length), end };
}

function parseArray(bytes: Buffer, start: number, length: number): Parsed<Reply> {
  if (length === -1) return { value: null, end: start };
  const value: Reply[] = [];
  let at = start;
  while (value.length < length) {
    const item = parseReply(bytes, at);
    if (!item) return undefined;
    value.push(item.value instanceof RedisReplyError ? item.value.message : item.value);
    at = item.end;
  }
  return { value, end: at };
}
