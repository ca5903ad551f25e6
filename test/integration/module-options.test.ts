import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type DynamicModule, Injectable, Module, type Type } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import {
  RedisResilientModule,
  type RedisResilientModuleAsyncOptions,
  type RedisResilientModuleOptions,
  RedisResilientMonitor,
  type RedisResilientOptions,
  RedisResilientOptionsError,
  type RedisResilientOptionsFactory,
} from '../../src/index.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

let redis: RedisNode;
let heard: Collector<unknown>;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  heard = new Collector();
});
afterEach(() => applications.closeAll());

@Controller()
class OrdersController {
  @EventPattern(['orders.*'])
  onOrder(data: unknown): void {
    heard.add(data);
  }
}

function appModule(...imports: DynamicModule[]): Type {
  @Module({ imports, controllers: [OrdersController] })
  class AppModule {}
  return AppModule;
}

@Injectable()
class Settings implements RedisResilientOptionsFactory {
  createRedisResilientOptions(): RedisResilientOptions {
    return { redis: redis.clientAddress };
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

describe('forRootAsync', () => {
  it.each<[string, () => RedisResilientModuleAsyncOptions]>([
    ['an async factory', () => ({ useFactory: () => Promise.resolve({ redis: redis.clientAddress }) })],
    [
      'a factory with injected providers of another module',
      () => ({
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: (settings: Settings) => settings.createRedisResilientOptions(),
      }),
    ],
    ['a class', () => ({ useClass: Settings })],
    ['a provider that exists', () => ({ imports: [SettingsModule], useExisting: Settings })],
  ])('takes its options from %s', async (_, options) => {
    await applications.start(appModule(RedisResilientModule.forRootAsync(options())));
    await redis.publish('orders.new', '{"id":1}');
    expect(await heard.atLeast(1)).toEqual([{ id: 1 }]);
  });

  it('takes the extras beside the factory', async () => {
    const module = RedisResilientModule.forRootAsync({
      name: 'billing',
      isGlobal: false,
      healthPath: false,
      useFactory: () => ({ redis: redis.clientAddress }),
    });
    expect(module.global).toBe(false);
    const app = await applications.start(appModule(module));
    expect((await fetch(`${await app.getUrl()}/health`)).status).toBe(404);
    expect(() => app.get(RedisResilientMonitor)).toThrow();
  });

  it.each(['name', 'isGlobal', 'healthPath'])('refuses %s when the factory returns it', async (extra) => {
    const useFactory = (): RedisResilientOptions =>
      Object.assign({ redis: redis.clientAddress }, { [extra]: 'x' });
    await expect(
      applications.create(appModule(RedisResilientModule.forRootAsync({ useFactory }))),
    ).rejects.toThrow(`Option "${extra}" belongs to the module and comes too late from a factory.`);
  });

  it('refuses bad options of a factory at boot', async () => {
    const useFactory = (): RedisResilientOptions => ({ redis: redis.clientAddress, drainTimeout: -1 });
    await expect(
      applications.create(appModule(RedisResilientModule.forRootAsync({ useFactory }))),
    ).rejects.toThrow(RedisResilientOptionsError);
  });

  it.each<[string, object, RegExp]>([
    ['no source', {}, /needs one of useFactory, useClass, useExisting, but got none/],
    ['two sources', { useClass: Settings, useExisting: Settings }, /got useClass and useExisting/],
    ['a misspelt one', { useFactori: () => 1 }, /"useFactori" does not exist\. Did you mean "useFactory"\?/],
    ['an empty name', { useClass: Settings, name: '' }, /"name" must be a text that is not empty/],
  ])('refuses %s at once', (_, options, message) => {
    expect(() => RedisResilientModule.forRootAsync(options)).toThrow(message);
  });
});

describe('forRoot', () => {
  it.each<[string, object, RegExp]>([
    ['no redis', {}, /"redis" is missing/],
    [
      'a misspelt extra',
      { redis: {}, healthpath: 'x' },
      /"healthpath" does not exist\. Did you mean "healthPath"\?/,
    ],
    ['a health path that is none', { redis: {}, healthPath: ':id' }, /"healthPath" must be a path/],
    ['a word for isGlobal', { redis: {}, isGlobal: 'yes' }, /"isGlobal" must be true or false/],
    [
      'a password with a bad port',
      { redis: { port: 0, password: 'secret' } },
      /^(?!.*secret).*"redis\.port"/,
    ],
  ])('refuses %s at once', (_, options, message) => {
    expect(() => RedisResilientModule.forRoot(options as RedisResilientModuleOptions)).toThrow(message);
  });

  it('asks a function for every link, and refuses what it gives where that cannot work', async () => {
    const given = new Collector<object>();
    let next: object = redis.clientAddress;
    const source = (): object => {
      given.add(next);
      return next;
    };
    const app = await applications.start(appModule(RedisResilientModule.forRoot({ redis: source })));
    const monitor = app.get(RedisResilientMonitor);
    expect(monitor.snapshot().live).toBe(true);

    next = { host: 'redis://:secret@localhost' };
    await redis.killPubSub();
    const { lastError } = await poll(() => {
      const snapshot = monitor.snapshot();
      return snapshot.lastError?.includes('redis.host') && snapshot;
    });
    expect(lastError).not.toContain('secret');

    next = redis.clientAddress;
    await poll(() => monitor.snapshot().live);
    await redis.publish('orders.new', '1');
    expect(await heard.atLeast(1)).toEqual([1]);
  });
});
