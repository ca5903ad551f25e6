import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom, timeout } from 'rxjs';

import { resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import type { RedisResilientMonitor } from '../../src/redis/monitor.js';
import { RedisResilientClient } from '../../src/transport/client.js';
import { RedisResilientServer } from '../../src/transport/server.js';
import { poll, type RedisNode, type Topology } from '../../src/testing/index.js';
import { documentedCommand, documentedRules } from '../support/documented-rules.js';
import { SPEAKS_RESP3 } from '../support/resp.js';
import { Stage } from '../support/stage.js';
import { together } from '../support/together.js';

const AT_REDIS = 'ACL on the Redis servers';
const AT_SENTINEL = 'ACL on the Sentinels';
const isAsked = (rule: string): boolean => rule !== '+client|info' || SPEAKS_RESP3;
const redisRules = documentedRules(AT_REDIS);
const sentinelRules = documentedRules(AT_SENTINEL);
/** So that everything that is done now and then is done soon. */
const OFTEN = { keepAlive: { interval: 100 }, canary: { interval: 200 } };

const stage = new Stage();
let topology: Topology;
let redis: RedisNode;

/** An application as in the docs: it listens, answers itself, and sends; with all that it complains of, logged or thrown. */
class Shop {
  readonly lines: string[] = [];
  readonly monitor: RedisResilientMonitor;
  private readonly client: RedisResilientClient;

  private constructor(
    engine: Engine,
    private readonly server: RedisResilientServer,
  ) {
    this.monitor = engine.monitor;
    this.client = new RedisResilientClient(engine);
  }

  static async open(connection: object): Promise<Shop> {
    const add = (line: string): void => void shop.lines.push(line);
    const options = resolveOptions({ redis: { port: 1, ...connection }, ...OFTEN });
    const engine = new Engine(options, { log: add, warn: add, error: add });
    const server = new RedisResilientServer(engine);
    const shop = stage.keep(new Shop(engine, server), (one) => one.server.close());
    server.addHandler('orders.*', async () => undefined, true);
    server.addHandler('stock', async () => '3 pears');
    await new Promise((resolve) => server.listen(resolve));
    return shop;
  }

  async work(): Promise<string | undefined> {
    const note = (error: unknown): undefined => void this.lines.push(String(error));
    await lastValueFrom(this.client.emit<undefined>('audit', 1), { defaultValue: undefined }).catch(note);
    return lastValueFrom(this.client.send<string>('stock', 'pears').pipe(timeout(1_000))).catch(note);
  }

  /** Gives up its reply channels. */
  closeClient(): Promise<void> {
    return this.client.close();
  }

  complaints(): string[] {
    return this.lines.filter((line) => /refuse|degraded/i.test(line));
  }

  async complainsOf(rule: string): Promise<void> {
    const names = (line: string): boolean => line.toLowerCase().includes(rule.slice(1));
    await poll(() => this.complaints().some(names), {
      deadline: 10_000,
      what: `a complaint that names ${rule}`,
    });
  }
}

/** User names may hold no blanks or bars. */
const userWithout = (rule: string): string => `without-${rule.replace(/\W/g, '_')}`;

function usersOf(rules: readonly string[]): Record<string, string> {
  const user = (list: readonly string[]): string => `on >secret resetchannels -@all ${list.join(' ')}`;
  const lacking = rules.map((rule): [string, string] => [
    userWithout(rule),
    user(rules.filter((one) => one !== rule)),
  ]);
  return { complete: user(rules), ...Object.fromEntries(lacking) };
}

function loggedDenials(log: unknown): string[] {
  return (log as unknown[][])
    .map((entry) => entry.map(String).join(' '))
    .filter((line) => !line.includes('setinfo'));
}

describe('The documented ACL rules', () => {
  beforeAll(async () => {
    [topology, redis] = await Promise.all([
      stage.topology({ users: usersOf(redisRules), sentinelUsers: usersOf(sentinelRules) }),
      stage.redis({ users: usersOf(redisRules), links: false }),
    ]);
  });
  afterAll(() => stage.close());

  const asRedisUser = (username: string) =>
    Shop.open({ ...redis.clientAddress, username, password: 'secret' });
  const asSentinelUser = (sentinelUsername: string) =>
    Shop.open({
      ...topology.clientOptions(),
      username: 'complete',
      password: 'secret',
      sentinelUsername,
      sentinelPassword: 'secret',
    });

  together({
    'suffice for everything, a failover and a rotation included, with nothing in ACL LOG': async () => {
      const shop = await asSentinelUser('complete');
      expect(await shop.work()).toBe('3 pears');
      const { node } = await topology.failover();
      await poll(
        () =>
          shop.monitor.snapshot().live &&
          shop.monitor.snapshot().master?.endsWith(`:${node.inner.address.port}`),
      );
      await shop.monitor.rotate();
      expect(await shop.work()).toBe('3 pears');
      await poll(() => !isAsked('+client|info') || shop.monitor.snapshot().outputBuffer !== null);
      await shop.closeClient();
      const servers = [...topology.nodes, ...topology.sentinels];
      const logs = await Promise.all(servers.map((server) => server.command('ACL', 'LOG')));
      expect(logs.flatMap(loggedDenials).filter((line) => line.includes('complete'))).toEqual([]);
      expect(shop.complaints()).toEqual([]);
    },

    ...Object.fromEntries(
      redisRules.filter(isAsked).map((rule) => [
        `on Redis: ${rule} is named where it is missing`,
        async () => {
          const shop = await asRedisUser(userWithout(rule));
          await shop.work();
          if (rule === '+unsubscribe') await shop.closeClient();
          await shop.complainsOf(rule);
        },
      ]),
    ),

    ...Object.fromEntries(
      sentinelRules.map((rule) => [
        `on a Sentinel: ${rule} is named where it is missing`,
        async () => {
          const shop = await asSentinelUser(userWithout(rule));
          await shop.complainsOf(rule);
        },
      ]),
    ),
  });

  it('are the same in the tables and in the commands of the page', () => {
    expect(documentedCommand(AT_REDIS)).toEqual(redisRules);
    expect(documentedCommand(AT_SENTINEL)).toEqual(sentinelRules);
  });
});
