import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Module, Scope, type Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import {
  OnSubscriptionGap,
  RedisResilientHandlerError,
  RedisResilientModule,
  type SubscriptionGap,
} from '../../src/index.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

let redis: RedisNode;
let told: Collector<{ by: string; gap: SubscriptionGap }>;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  told = new Collector();
});
afterEach(() => applications.closeAll());

@Injectable()
class CatchUp {
  @OnSubscriptionGap()
  async fromDatabase(gap: SubscriptionGap): Promise<void> {
    told.add({ by: 'provider', gap });
    await Promise.resolve();
    throw new Error('the database is away');
  }
}

@Controller()
class OrdersController {
  @OnSubscriptionGap()
  onClosed(gap: SubscriptionGap): void {
    told.add({ by: 'controller', gap });
    throw new Error('on purpose');
  }

  @OnSubscriptionGap({ on: 'settled' })
  onSettled(gap: SubscriptionGap): void {
    told.add({ by: 'settled', gap });
  }

  @OnSubscriptionGap({ on: 'closed' })
  @OnSubscriptionGap({ on: 'settled' })
  onBoth(gap: SubscriptionGap): void {
    told.add({ by: 'both', gap });
  }

  @EventPattern(['orders'])
  onOrder(@Payload() data: unknown): unknown {
    return data;
  }
}

function appModule(imports: object[], providers: Type[], controllers: Type[]): Type {
  @Module({ imports: imports as [], providers, controllers })
  class AppModule {}
  return AppModule;
}

describe('a gap', () => {
  it('is told to providers and controllers, each at its moment', async () => {
    const module = RedisResilientModule.forRoot({ redis: redis.clientAddress });
    await applications.start(appModule([module], [CatchUp], [OrdersController]));
    expect(told.items).toEqual([]);
    await redis.killPubSub();
    await told.atLeast(5);

    const by = told.items.map((item) => `${item.by} ${item.gap.phase}`).sort();
    expect(by).toEqual([
      'both closed',
      'both settled',
      'controller closed',
      'provider closed',
      'settled settled',
    ]);
    const { gap } = told.items[0]!;
    expect(gap).toMatchObject({ cause: 'closed', patterns: [], name: null });
    expect(gap.id).toBe(told.items.at(-1)!.gap.id);
    expect(gap.to! - gap.from).toBeCloseTo(gap.duration);
    expect(gap.duration).toBeGreaterThan(0);
  });

  it('harms nothing when its handlers fail, and says whose fault it is', async () => {
    const module = RedisResilientModule.forRoot({ redis: redis.clientAddress });
    await applications.start(appModule([module], [CatchUp], [OrdersController]));
    await redis.killPubSub();
    await told.atLeast(5);
    await poll(() => applications.logs.ours('error').length >= 2);
    expect(applications.logs.ours('error')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^OrdersController\.onClosed failed for gap \d+: Error: on purpose/),
        expect.stringMatching(/^CatchUp\.fromDatabase failed for gap \d+: Error: the database is away/),
      ]),
    );
    expect(await redis.publish('orders', '1')).toBe(1);
  });

  it('carries the name of its instance', async () => {
    const modules = [undefined, 'billing'].map((name) =>
      RedisResilientModule.forRoot({ redis: redis.clientAddress, ...(name && { name }) }),
    );
    await applications.start(appModule(modules, [], [OrdersController]));
    await redis.killPubSub();
    await told.atLeast(8);
    const closed = told.items.filter(({ by }) => by === 'controller').map(({ gap }) => gap.name);
    expect(closed.sort()).toEqual(['billing', null]);
  });
});

it('refuses a gap handler that could never be called', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class RequestScoped {
    @OnSubscriptionGap()
    onGap(): void {}
  }
  const module = RedisResilientModule.forRoot({ redis: redis.clientAddress });
  const app = await applications.create(appModule([module], [RequestScoped], []));
  const outcome = await app.init().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(RedisResilientHandlerError);
  expect((outcome as Error).message).toMatch(/RequestScoped\.onGap could never be called.*default scope/);
});
