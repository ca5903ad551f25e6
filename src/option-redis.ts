import { RedisResilientOptionsError } from './errors.js';
import { kind, refuse } from './option-checks.js';

/** Why each ioredis option that this package owns is refused. */
const OWNED: Readonly<Record<string, string>> = {
  retryStrategy: 'a link is never retried, a new one is opened: use "reconnect" for the delays',
  autoResubscribe:
    'ioredis reports ready before its re-subscription is acknowledged: each new link subscribes itself',
  failoverDetector: 'ioredis can end the client for good there: the Sentinels are watched by this package',
  lazyConnect: 'links connect when the module decides: nothing is opened before the application starts',
  Connector: 'the address comes from the topology watch: use "sentinels" or "host" and "port"',
  role: 'a replica relays late and is left behind at a failover: only the master is followed',
};

/** Options of Nest's own Redis transport, which stand beside the address there; here they would be ignored in silence. */
const OF_THE_STOCK_TRANSPORT: Readonly<Record<string, string>> = {
  retryAttempts: 'Leave it out: there is no end to the attempts, and "reconnect" has the delays',
  retryDelay: 'Leave it out: "reconnect" has the delays',
  wildcards: 'Leave it out: a handler of "orders.*" listens to a pattern anyway',
  serializer: 'Write it beside "redis", or in "client" for what is sent',
  deserializer: 'Write it beside "redis", or in "client" for replies',
};

const ADDRESS_REMEDY =
  "Write redis: { sentinels: [{ host: '127.0.0.1', port: 26379 }], name: 'mymaster' }, " +
  "or redis: { host: '127.0.0.1', port: 6379 }, or redis: { path: '/run/redis.sock' }.";

/** Checks ioredis connection options. No value of theirs but a port is ever shown: they carry passwords. */
export function checkRedis(value: unknown, option: string): void {
  if (value === undefined || value === null) {
    throw new RedisResilientOptionsError(option, `Option "${option}" is missing. ${ADDRESS_REMEDY}`);
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    refuse(
      option,
      'an object with ioredis connection options, or a function that gives one',
      kind(value),
      ADDRESS_REMEDY,
    );
  }
  const given = value as Record<string, unknown>;
  refuseForeign(given, option);
  refuseIgnoredTls(given, option);
  if (given['sentinels'] !== undefined) checkSentinels(given, option);
  else if (given['host'] === undefined && given['port'] === undefined && given['path'] === undefined) {
    refuse(option, 'an address', 'without one (no sentinels, host, port or path)', ADDRESS_REMEDY);
  }
  checkHost(given['host'], `${option}.host`);
  checkPort(given['port'], `${option}.port`);
  if (given['path'] !== undefined && (typeof given['path'] !== 'string' || given['path'] === '')) {
    refuse(`${option}.path`, 'the path of a Unix socket', kind(given['path']), ADDRESS_REMEDY);
  }
}

function refuseForeign(given: Record<string, unknown>, option: string): void {
  for (const [key, reason] of Object.entries(OWNED)) {
    if (given[key] === undefined || (key === 'role' && given[key] === 'master')) continue;
    throw new RedisResilientOptionsError(
      `${option}.${key}`,
      `Option "${option}.${key}" is owned by this package: ${reason}. Leave it out.`,
    );
  }
  for (const [key, remedy] of Object.entries(OF_THE_STOCK_TRANSPORT)) {
    if (given[key] === undefined) continue;
    throw new RedisResilientOptionsError(
      `${option}.${key}`,
      `Option "${option}.${key}" is one of Transport.REDIS, not of ioredis. ${remedy}.`,
    );
  }
}

/** Else the link, and the password on it, would go in the clear without a word. */
function refuseIgnoredTls(given: Record<string, unknown>, option: string): void {
  if (!given['sentinels'] || !given['tls'] || given['enableTLSForSentinelMode'] !== undefined) return;
  throw new RedisResilientOptionsError(
    `${option}.tls`,
    `Option "${option}.tls" does nothing behind Sentinels unless ${option}.enableTLSForSentinelMode is true: that is how ioredis has it. ` +
      `Add it; and ${option}.sentinelTLS where the Sentinels speak TLS as well.`,
  );
}

function checkSentinels(given: Record<string, unknown>, option: string): void {
  const { sentinels, name } = given;
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    refuse(`${option}.sentinels`, 'a list of at least one { host, port }', kind(sentinels), ADDRESS_REMEDY);
  }
  sentinels.forEach((sentinel: unknown, index) => {
    const at = `${option}.sentinels[${index}]`;
    if (typeof sentinel !== 'object' || sentinel === null) {
      refuse(at, 'a { host, port }', kind(sentinel), "Write for example { host: '127.0.0.1', port: 26379 }.");
    }
    const { host, port } = sentinel as { host?: unknown; port?: unknown };
    checkHost(host, `${at}.host`);
    checkPort(port, `${at}.port`);
  });
  if (typeof name !== 'string' || name === '') {
    refuse(
      `${option}.name`,
      'the name under which the Sentinels know the master',
      name === undefined ? 'missing' : kind(name),
      'Write for example name: \'mymaster\' beside "sentinels" (in sentinel.conf: sentinel monitor <name> ...).',
    );
  }
}

function checkHost(host: unknown, option: string): void {
  if (host === undefined) return;
  const remedy =
    "Write for example host: 'redis.example.org'; port, user and password have options of their own.";
  if (typeof host !== 'string' || host === '') {
    refuse(option, 'a host name or an address', host === '' ? 'an empty text' : kind(host), remedy);
  }
  if (host.includes('://')) refuse(option, 'a host name or an address', 'a URL', remedy);
}

function checkPort(port: unknown, option: string): void {
  if (port === undefined || (Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535))
    return;
  refuse(
    option,
    'a whole number from 1 to 65535',
    typeof port === 'number' ? String(port) : kind(port),
    'From the environment: Number(process.env.REDIS_PORT).',
  );
}
