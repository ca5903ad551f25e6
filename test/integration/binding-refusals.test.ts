import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  getTransportId,
  RedisResilientHandlerError,
  RedisResilientModule,
  RedisResilientServer,
} from '../../src/index.js';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';

let redis: RedisNode;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => applications.closeAll());

function appModule(...controllers: Type[]): Type {
  @Module({ imports: [RedisResilientModule.forRoot({ redis: redis.clientAddress })], controllers })
  class AppModule {}
  return AppModule;
}

@Controller()
class FirstController {
  @MessagePattern('orders.*')
  onFirst(): void {}
}

@Controller()
class SecondController {
  @MessagePattern('orders.*')
  onSecond(): void {}
}

@Controller()
class EventController {
  @EventPattern(['orders.*'])
  onEvent(): void {}
}

@Controller()
class RegExpController {
  @MessagePattern(/orders/)
  onMatch(): void {}
}

@Controller()
class ObjectController {
  @MessagePattern([{ cmd: 'sum', v: 1 }])
  onSum(): void {}

  @MessagePattern([{ v: 1, cmd: 'sum' }])
  onSumToo(): void {}
}

@Controller()
class TwiceController {
  @MessagePattern('twice')
  onTwice(): void {}
}

@Module({ controllers: [TwiceController] })
class OneModule {}

@Module({ controllers: [TwiceController] })
class OtherModule {}

describe('at boot refuses', () => {
  it.each<[string, Type[], RegExp]>([
    [
      'two @MessagePattern for one pattern, naming both places',
      [FirstController, SecondController],
      /"orders\.\*": FirstController\.onFirst in AppModule, and SecondController\.onSecond in AppModule\./,
    ],
    [
      'an event handler behind a message handler',
      [FirstController, EventController],
      /"orders\.\*" has an @EventPattern handler, EventController\.onEvent in AppModule, that would never run beside .* FirstController\.onFirst/,
    ],
    [
      'an event handler in front of a message handler',
      [EventController, FirstController],
      /EventController\.onEvent in AppModule, that would never run beside .* FirstController\.onFirst/,
    ],
    [
      'a RegExp',
      [RegExpController],
      /pattern \/orders\/ of RegExpController\.onMatch .* globs, not regular expressions/,
    ],
    [
      'two equal objects with their keys in another order',
      [ObjectController],
      /ObjectController\.onSum in AppModule, and ObjectController\.onSumToo in AppModule/,
    ],
  ])('%s', async (_, controllers, message) => {
    const app = await applications.create(appModule(...controllers));
    const outcome = await app.init().catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(RedisResilientHandlerError);
    expect((outcome as Error).message).toMatch(message);
    expect(await redis.command('PUBSUB', 'NUMPAT')).toBe(0);
  });

  it('one controller in two modules, naming both', async () => {
    @Module({
      imports: [RedisResilientModule.forRoot({ redis: redis.clientAddress }), OneModule, OtherModule],
    })
    class AppModule {}
    const app = await applications.create(AppModule);
    await expect(app.init()).rejects.toThrow(
      /TwiceController\.onTwice in OneModule, and TwiceController\.onTwice in OtherModule/,
    );
  });

  it('the same in a server that main.ts starts', async () => {
    const app = await applications.create(appModule(FirstController, SecondController));
    app.connectMicroservice({ strategy: app.get(RedisResilientServer) });
    await expect(app.startAllMicroservices()).rejects.toThrow(RedisResilientHandlerError);
  });

  it('bad extras of a handler, naming the pattern', async () => {
    @Controller()
    class BadExtrasController {
      @MessagePattern('bad', { payload: 'xml' })
      onBad(): void {}
    }
    const app = await applications.create(appModule(BadExtrasController));
    await expect(app.init()).rejects.toThrow(/payload of "bad".*'json', 'text', 'buffer'.*"xml"/);
  });
});

describe('accepts', () => {
  it('one pattern for two instances, events side by side, and controllers without handlers', async () => {
    @Controller()
    class FineController {
      @MessagePattern('orders.*', getTransportId('billing'))
      onBilling(): void {}

      @EventPattern(['audit'])
      onAudit(): void {}

      @EventPattern(['audit'])
      onAuditToo(): void {}

      @Get('fine')
      get(): void {}
    }
    @Module({
      imports: [
        RedisResilientModule.forRoot({ redis: redis.clientAddress }),
        RedisResilientModule.forRoot({ redis: redis.clientAddress, name: 'billing' }),
      ],
      controllers: [FirstController, FineController],
    })
    class AppModule {}
    await applications.start(AppModule);
    expect(await redis.command('PUBSUB', 'NUMPAT')).toBe(1);
    expect(await redis.publish('orders.x', '1')).toBe(2);
  });
});
