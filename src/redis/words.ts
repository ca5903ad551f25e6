import { ConnectionOptionsError } from './connection-source.js';
import { failureKind, rootMessage } from './refusal.js';

/** What an attempt was about, for an error that teaches. */
export interface FailureContext {
  readonly what: 'redis' | 'sentinel';
  /** Address of the server that was asked. */
  readonly address: string | null;
  /** Name of the master at the Sentinels, `null` where there are none. */
  readonly master: string | null;
}

/** Says what failed, where, and the remedy. Never contains a credential: Redis does not repeat them, and options are not printed. */
export function explainFailure(error: unknown, context: FailureContext): string {
  if (error instanceof ConnectionOptionsError) return error.message;
  const message = rootMessage(error).trim();
  const at = context.address === null ? '' : ` (${context.address})`;
  if (/No such master/i.test(message)) {
    return `The Sentinels do not know a master "${context.master ?? ''}". Check redis.name; SENTINEL MASTERS lists the names.`;
  }
  const tls = tlsRemedy(message, context.what === 'redis' ? 'redis.tls' : 'redis.sentinelTLS');
  if (tls !== null) {
    const who = context.what === 'redis' ? `Redis${at}` : 'a Sentinel';
    return `No TLS connection to ${who}: ${message}. ${tls}`;
  }
  if (context.what === 'sentinel') return explainSentinel(message, failureKind(error) === 'refused');
  if (/^(NOAUTH|WRONGPASS|ERR invalid password|ERR AUTH)/.test(message)) {
    return `Redis${at} refuses the credentials: ${message} Check redis.username and redis.password.`;
  }
  if (message.startsWith('NOPERM'))
    return `Redis${at} refuses a command: ${message} Allow it in this user's ACL.`;
  if (/max number of clients/.test(message)) {
    return `Redis${at} accepts no more clients: ${message}. Raise maxclients or close other connections.`;
  }
  if (context.master !== null && UNREACHABLE.test(message)) {
    return (
      `The Sentinels name ${context.address ?? 'a node'} as master of "${context.master}", and it does not answer from here: ${message} ` +
      'If Redis runs in Docker or behind NAT, map the address with redis.natMap or announce a reachable one (sentinel announce-ip, replica-announce-ip).'
    );
  }
  return `Redis${at} cannot be used: ${message}`;
}

const UNREACHABLE = /ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|No answer within/;

/** The words are those of OpenSSL, which Node passes on. */
function tlsRemedy(message: string, option: string): string | null {
  if (/altnames/i.test(message)) {
    return `The certificate is made out to another name: connect by a name that stands in it, or say which one with ${option}.servername.`;
  }
  if (/alert (certificate required|bad certificate|unknown ca)|did not return a certificate/i.test(message)) {
    return `The server asks who you are: give a certificate that it trusts, and its key, as ${option}.cert and ${option}.key.`;
  }
  return /certificate|self.signed/i.test(message)
    ? `Give the authority that signed its certificate as ${option}.ca.`
    : null;
}

function explainSentinel(message: string, refused: boolean): string {
  if (message.startsWith('NOPERM')) {
    return `The Sentinels refuse a command: ${message} Allow it in their ACL to the user of redis.sentinelUsername.`;
  }
  return refused
    ? `The Sentinels refuse the credentials: ${message} Check redis.sentinelUsername and redis.sentinelPassword.`
    : `No Sentinel can be asked: ${message} Check redis.sentinels and that their port is reachable from here.`;
}
