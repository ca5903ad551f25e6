import { describe, expect, it } from '@jest/globals';
import { isRedisResilientError, RedisResilientOptionsError } from '../../src/errors.js';
import { checkConnection, DEFAULTS, resolveOptions, type RedisResilientOptions } from '../../src/options.js';

const redis = { host: '127.0.0.1', port: 6379 };

/** What `resolveOptions` throws, whatever the types would say. */
function refusal(options: unknown): RedisResilientOptionsError {
  try {
    resolveOptions(options as RedisResilientOptions);
  } catch (error) {
    if (error instanceof RedisResilientOptionsError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('defaults', () => {
  it('fills in every one that was not given', () => {
    expect(resolveOptions({ redis })).toEqual({ redis, ...DEFAULTS });
  });

  it('keeps what was given and fills in the rest of its group', () => {
    const resolved = resolveOptions({
      redis,
      keepAlive: { timeout: 3000 },
      canary: { interval: 100 },
      autoBind: false,
    });
    expect(resolved.keepAlive).toEqual({ ...DEFAULTS.keepAlive, timeout: 3000 });
    expect(resolved.canary).toEqual({ ...DEFAULTS.canary, interval: 100 });
    expect(resolved.autoBind).toBe(false);
  });

  it('takes undefined as not given', () => {
    const options = { redis, drainTimeout: undefined, client: { timeout: undefined } };
    expect(resolveOptions(options)).toEqual(resolveOptions({ redis }));
  });

  it('turns the canary off with false', () => {
    expect(resolveOptions({ redis, canary: false }).canary).toBe(false);
  });

  it('is frozen, groups and connection options included, and apart from what was given', () => {
    const given = { ...redis };
    const resolved = resolveOptions({ redis: given });
    given.port = 1;
    expect(resolved.redis).toEqual(redis);
    expect(Object.isFrozen(resolved)).toBe(true);
    for (const part of Object.values<unknown>({ ...resolved })) expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('accepts', () => {
  it.each([
    ['sentinels with a name', { sentinels: [{ host: 'a', port: 26379 }, { host: 'b' }], name: 'mymaster' }],
    ['a path', { path: '/run/redis.sock' }],
    ['a port alone', { port: 1 }],
    ['the highest port', { host: 'a', port: 65_535 }],
    ['the role of a master', { host: 'a', role: 'master' as const }],
    ['TLS, ACL and natMap', { host: 'a', username: 'u', password: 'p', tls: {}, natMap: {} }],
    ['a function', () => redis],
  ])('%s', (_, source) => {
    expect(() => resolveOptions({ redis: source })).not.toThrow();
  });

  it('a readiness grace of zero and limits without limit', () => {
    const options = {
      redis,
      health: { readinessGrace: 0 },
      maxPayloadBytes: Infinity,
      client: { timeout: Infinity },
    };
    expect(() => resolveOptions(options)).not.toThrow();
  });
});

describe('refuses an address that cannot be used', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['options that are none', null, 'options', /an object.*null/],
    ['no options at all', undefined, 'redis', /missing/],
    ['no redis', {}, 'redis', /missing.*sentinels:.*host:.*path:/],
    ['a redis without address', { redis: { db: 1 } }, 'redis', /sentinels, host, port or path/],
    ['a URL', { redis: 'redis://:secret@localhost' }, 'redis', /a string.*host:/],
    [
      'sentinels without a name',
      { redis: { sentinels: [{ host: 'a', port: 1 }] } },
      'redis.name',
      /missing.*mymaster/,
    ],
    ['an empty Sentinel list', { redis: { sentinels: [], name: 'm' } }, 'redis.sentinels', /an empty list/],
    ['Sentinels that are no list', { redis: { sentinels: 'a:1', name: 'm' } }, 'redis.sentinels', /a string/],
    [
      'a Sentinel as text',
      { redis: { sentinels: ['a:1'], name: 'm' } },
      'redis.sentinels[0]',
      /\{ host, port \}/,
    ],
    [
      'the port of a Sentinel',
      { redis: { sentinels: [{ port: 1 }, { port: 70_000 }], name: 'm' } },
      'redis.sentinels[1].port',
      /65535.*70000/,
    ],
    ['port zero', { redis: { port: 0 } }, 'redis.port', /1 to 65535.*is 0/],
    ['a negative port', { redis: { port: -1 } }, 'redis.port', /-1/],
    ['a fraction of a port', { redis: { port: 6379.5 } }, 'redis.port', /6379\.5/],
    ['a port as text', { redis: { port: '6379' } }, 'redis.port', /a string.*Number\(/],
    ['a host that is a URL', { redis: { host: 'redis://:secret@h' } }, 'redis.host', /a URL/],
    ['an empty path', { redis: { path: '' } }, 'redis.path', /Unix socket/],
  ])('%s', (_, options, option, message) => {
    const error = refusal(options);
    expect(error.option).toBe(option);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['retryStrategy', () => 1],
    ['autoResubscribe', false],
    ['failoverDetector', true],
    ['lazyConnect', true],
    ['Connector', function Connector() {}],
    ['role', 'slave'],
  ])('the ioredis option %s, with the reason', (name, value) => {
    const error = refusal({ redis: { ...redis, password: 'secret', [name]: value } });
    expect(error.option).toBe(`redis.${name}`);
    expect(error.message).toMatch(/owned by this package: .+Leave it out/);
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['retryAttempts', 10, 'reconnect'],
    ['retryDelay', 1_000, 'reconnect'],
    ['wildcards', true, 'a pattern anyway'],
    ['serializer', { serialize: () => 'x' }, 'beside "redis"'],
    ['deserializer', { deserialize: () => 'x' }, 'beside "redis"'],
  ])('the option %s of the stock transport, with the remedy', (name, value, remedy) => {
    const error = refusal({ redis: { ...redis, [name]: value } });
    expect(error.option).toBe(`redis.${name}`);
    expect(error.message).toContain('one of Transport.REDIS');
    expect(error.message).toContain(remedy);
  });

  it('from a function, each time it is asked', () => {
    expect(() => checkConnection({ sentinels: [] })).toThrow(RedisResilientOptionsError);
    expect(() => checkConnection('redis://:secret@localhost')).toThrow(/^(?!.*secret)/);
    expect(checkConnection(redis)).toBe(redis);
  });
});

describe('refuses a duration that is none', () => {
  const DURATIONS = [
    'keepAlive.interval',
    'keepAlive.suspectAfter',
    'keepAlive.timeout',
    'canary.interval',
    'canary.timeout',
    'reconnect.minDelay',
    'reconnect.maxDelay',
    'reconnect.refusedDelay',
    'client.timeout',
    'client.publishTimeout',
    'health.livenessGrace',
    'health.readinessGrace',
    'drainTimeout',
  ];
  const BAD: [unknown, string][] = [
    [-1, '-1'],
    [NaN, 'NaN'],
    [null, 'null'],
    ['1000', '"1000" (a string)'],
    [2 ** 31, '2147483648'],
    [{}, 'an object'],
  ];

  it.each(DURATIONS.flatMap((option) => BAD.map(([value, shown]) => [option, shown, value] as const)))(
    '%s: %s',
    (option, shown, value) => {
      const error = refusal({ redis, ...at(option, value) });
      expect(error.option).toBe(option);
      expect(error.message).toContain(`is ${shown}. Write`);
    },
  );

  it.each(DURATIONS.filter((option) => option !== 'health.readinessGrace'))('%s: 0', (option) => {
    expect(refusal({ redis, ...at(option, 0) }).message).toMatch(/more than zero milliseconds.*but is 0/);
  });

  it('a suspicion after the verdict, and delays in the wrong order', () => {
    expect(refusal({ redis, keepAlive: { timeout: 400 } }).message).toMatch(
      /"keepAlive.suspectAfter" must be at most keepAlive.timeout \(400\), but is 500/,
    );
    expect(refusal({ redis, reconnect: { minDelay: 900 } }).option).toBe('reconnect.minDelay');
  });
});

describe('refuses other values that mean nothing', () => {
  it.each<[string, unknown, RegExp]>([
    ['lateMessages', 'keep', /'deliver', 'drop'.*"keep"/],
    ['envelope', 'json', /'auto', 'nest', 'raw'/],
    ['payload', 'auto', /'json', 'text', 'buffer'/],
    ['dispatch.overflow', 'pause', /'drop-oldest', 'drop-newest'/],
    ['dispatch.concurrency', 0, /at least 1/],
    ['dispatch.concurrency', 1.5, /1\.5/],
    ['dispatch.maxPending', '10', /a string/],
    ['maxPayloadBytes', -1, /at least 1/],
    ['controlPrefix', '', /not empty/],
    ['autoBind', 'false', /true or false.*"false"/],
    ['inheritAppConfig', 1, /true or false/],
    ['keepAlive', 1000, /an object.*a number/],
    ['canary', true, /an object.*a boolean/],
    ['dispatch', [], /an object.*an empty list/],
  ])('%s: %p', (option, value, message) => {
    const error = refusal({ redis, ...at(option, value) });
    expect(error.option).toBe(option);
    expect(error.message).toMatch(message);
  });
});

describe('refuses an option that does not exist', () => {
  it.each([
    ['keepalive', 'keepAlive'],
    ['drainTimout', 'drainTimeout'],
    ['reconect', 'reconnect'],
    ['keepAlive.suspectafter', 'keepAlive.suspectAfter'],
    ['client.publishTimeOut', 'client.publishTimeout'],
    ['dispatch.concurency', 'dispatch.concurrency'],
  ])('%s, and names %s', (wrong, right) => {
    const error = refusal({ redis, ...at(wrong, 1000) });
    expect(error.option).toBe(wrong);
    expect(error.message).toContain(`does not exist. Did you mean "${right}"?`);
  });

  it('lists the known ones where none is near', () => {
    expect(refusal({ redis, zzzzzzzzzz: 1 }).message).toMatch(
      /There are: redis, keepAlive, canary, .*inheritAppConfig\./,
    );
  });

  it.each(['name', 'isGlobal', 'healthPath'])('%s, which belongs beside a factory', (option) => {
    const error = refusal({ redis, [option]: 'x' });
    expect(error.option).toBe(option);
    expect(error.message).toContain(`forRootAsync({ ${option}: ..., useFactory: ... })`);
  });
});

it('throws errors of this package with a stable code', () => {
  const error = refusal({});
  expect(isRedisResilientError(error)).toBe(true);
  expect(error.code).toBe('INVALID_OPTION');
});

/** `at('keepAlive.timeout', 1)` is `{ keepAlive: { timeout: 1 } }`. */
function at(option: string, value: unknown): Record<string, unknown> {
  const [head, tail] = option.split('.') as [string, string | undefined];
  return { [head]: tail === undefined ? value : { [tail]: value } };
}
