import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Module, Scope, type Type } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  RedisResilientClient,
  RedisResilientContext,
  RedisResilientModule,
  RedisResilientServer,
} from '../../src/index.js';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

interface Heard {
  handler: string;
  data: unknown;
  channel: string;
  pattern: string;
}

let redis: RedisNode;
let heard: Collector<Heard>;
const applications = new Applications();

const hear = (handler: string, data: unknown, context: RedisResilientContext): void => {
  heard.add({ handler, data, channel: context.getChannel(), pattern: context.getPattern() });
};

@Controller()
class OrdersController {
  @MessagePattern('orders.*')
  onOrder(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    hear('onOrder', data, context);
  }

  @EventPattern(['audit'])
  onAudit(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    hear('onAudit', data, context);
  }
}

@Controller()
class SecondAuditController {
  @EventPattern(['audit'])
  onAudit(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    hear('second onAudit', data, context);
  }
}

@Controller({ scope: Scope.REQUEST })
class RequestScopedController {
  @EventPattern(['scoped'])
  onScoped(@Payload() data: unknown, @Ctx() context: RedisResilientContext): void {
    hear('onScoped', data, context);
  }
}

function appModule(options: object = {}): Type {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: redis.clientAddress, ...options })],
    controllers: [OrdersController, SecondAuditController, RequestScopedController],
  })
  class AppModule {}
  return AppModule;
}

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  heard = new Collector();
});
afterEach(() => applications.closeAll());

/** Publishes one message for each handler, and expects each handler once: twice bound would be heard twice. */
async function expectEachOnce(): Promise<void> {
  await redis.publish('orders.new', '{"id":1}');
  await redis.publish('audit', '1');
  await redis.publish('scoped', '1');
  await redis.publish('orders.end', 'end');
  await heard.first(({ data }) => data === 'end');
  await heard.first(({ handler }) => handler === 'onScoped');
  expect(heard.items.map(({ handler, channel }) => `${channel} → ${handler}`).sort()).toEqual([
    'audit → onAudit',
    'audit → second onAudit',
    'orders.end → onOrder',
    'orders.new → onOrder',
    'scoped → onScoped',
  ]);
}

describe('without a line in main.ts', () => {
  it('hears JSON as an object and anything else as text, with channel and pattern', async () => {
    await applications.start(appModule());
    await redis.publish('orders.new', '{"id":1}');
    await redis.publish('orders.new', 'hello');
    const [first, second] = await heard.atLeast(2);
    expect(first).toEqual({
      handler: 'onOrder',
      data: { id: 1 },
      channel: 'orders.new',
      pattern: 'orders.*',
    });
    expect(second).toMatchObject({ data: 'hello', channel: 'orders.new' });
  });

  it('binds every handler once', async () => {
    await applications.start(appModule());
    await expectEachOnce();
  });

  it('says first where it listens, and each binding in one line', async () => {
    await applications.start(appModule());
    const { host, port } = redis.clientAddress;
    const [first, ...others] = applications.logs.ours();
    expect(first).toMatch(
      new RegExp(
        `^3 subscriptions on ${host}:${port}\\. Silence is noticed within 3 s \\(7 s at worst\\)\\. ` +
          'Probes: GET /health, /health/live, /health/ready\\.$',
      ),
    );
    expect(others.sort()).toEqual([
      'audit → OrdersController.onAudit',
      'audit → SecondAuditController.onAudit',
      'orders.* → OrdersController.onOrder',
      'scoped → RequestScopedController.onScoped',
    ]);
    expect(applications.logs.ours('warn')).toEqual([]);
  });

  it('binds nothing with autoBind: false', async () => {
    await applications.start(appModule({ autoBind: false }));
    expect(await redis.publish('orders.new', '1')).toBe(0);
  });
});

describe('connectMicroservice', () => {
  it('binds once with startAllMicroservices', async () => {
    await applications.start(appModule(), async (app) => {
      app.connectMicroservice({ strategy: app.get(RedisResilientServer) });
      await app.startAllMicroservices();
    });
    await expectEachOnce();
  });

  it('binds once without startAllMicroservices', async () => {
    await applications.start(appModule(), (app) =>
      app.connectMicroservice({ strategy: app.get(RedisResilientServer) }),
    );
    await expectEachOnce();
  });

  it('binds once with startAllMicroservices after listen', async () => {
    const app = await applications.start(appModule(), (app) =>
      app.connectMicroservice({ strategy: app.get(RedisResilientServer) }),
    );
    await app.startAllMicroservices();
    await expectEachOnce();
  });

  it('binds once when connected twice', async () => {
    await applications.start(appModule(), (app) => {
      app.connectMicroservice({ strategy: app.get(RedisResilientServer) });
      app.connectMicroservice({ strategy: app.get(RedisResilientServer) });
    });
    await expectEachOnce();
  });

  it.each(['before', 'after', 'never'])(
    'binds once with deferInitialization, started %s listen',
    async (when) => {
      const app = await applications.start(appModule(), async (app) => {
        app.connectMicroservice({ strategy: app.get(RedisResilientServer) }, { deferInitialization: true });
        if (when === 'before') await app.startAllMicroservices();
      });
      if (when === 'after') await app.startAllMicroservices();
      await expectEachOnce();
    },
  );

  it('binds once with autoBind: false', async () => {
    await applications.start(appModule({ autoBind: false }), async (app) => {
      app.connectMicroservice({ strategy: app.get(RedisResilientServer) });
      await app.startAllMicroservices();
    });
    await expectEachOnce();
  });
});

describe('createMicroservice', () => {
  const byFactory = {
    useFactory: (strategy: RedisResilientServer) => ({ strategy }),
    inject: [RedisResilientServer],
  };

  it.each(['listen', 'init'] as const)('binds once with useFactory and inject, by %s', async (start) => {
    const app = await applications.microservice(appModule(), byFactory);
    await app[start]();
    await expectEachOnce();
  });

  it('says that no probes are served', async () => {
    const app = await applications.microservice(appModule(), byFactory);
    await app.listen();
    expect(applications.logs.ours('log').join('\n')).not.toContain('Probes');
  });
});

describe('createApplicationContext', () => {
  it('binds nothing, and its client publishes', async () => {
    await applications.start(appModule());
    const context = await applications.context(appModule());
    expect(await redis.publish('orders.new', '1')).toBe(1);
    context.get(RedisResilientClient).emit('audit', 'from a script');
    await heard.first(({ handler, data }) => handler === 'onAudit' && data === 'from a script');
  });
});
