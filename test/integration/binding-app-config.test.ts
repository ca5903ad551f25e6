import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type INestMicroservice,
  Module,
  type NestInterceptor,
  type PipeTransform,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { EMPTY, type Observable } from 'rxjs';
import { RedisResilientModule, RedisResilientServer } from '../../src/index.js';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

let redis: RedisNode;
let heard: Collector<string>;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  heard = new Collector();
});
afterEach(() => applications.closeAll());

class Shout implements PipeTransform {
  transform(value: unknown): string {
    return `${String(value)}!`;
  }
}

class Note implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'rpc') heard.add('interceptor');
    return next.handle();
  }
}

@Catch()
class Swallow implements ExceptionFilter {
  catch(error: Error, _: ArgumentsHost): Observable<never> {
    heard.add(`filter: ${error.message}`);
    return EMPTY;
  }
}

class Admit {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() === 'rpc') heard.add('guard');
    return true;
  }
}

@Controller()
class PlainController {
  @EventPattern(['greet'])
  onGreet(@Payload() data: unknown): void {
    heard.add(`greet ${String(data)}`);
  }

  @EventPattern(['fail'])
  onFail(): void {
    throw new Error('on purpose');
  }
}

@Controller()
@UseGuards(Admit)
@UseFilters(Swallow)
class OwnController {
  @UseInterceptors(Note)
  @MessagePattern('own')
  onOwn(@Payload(Shout) data: unknown): void {
    heard.add(`own ${String(data)}`);
    throw new Error('on purpose');
  }
}

function appModule(options: object, providers: object[] = []): Type {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: redis.clientAddress, ...options })],
    controllers: [PlainController, OwnController],
    providers: providers as [],
  })
  class AppModule {}
  return AppModule;
}

const useGlobals = (app: INestApplication | INestMicroservice): unknown =>
  app.useGlobalPipes(new Shout()).useGlobalInterceptors(new Note()).useGlobalFilters(new Swallow());

it('applies what stands on the handler and its controller', async () => {
  await applications.start(appModule({}));
  await redis.publish('own', '"hi"');
  expect(await heard.atLeast(4)).toEqual(['guard', 'interceptor', 'own hi!', 'filter: on purpose']);
});

describe('what is global for HTTP', () => {
  it('does not apply to handlers', async () => {
    await applications.start(appModule({}, [{ provide: APP_GUARD, useClass: Admit }]), useGlobals);
    await redis.publish('greet', '"hi"');
    expect(await heard.atLeast(1)).toEqual(['greet hi']);
  });

  it('applies with inheritAppConfig', async () => {
    const module = appModule({ inheritAppConfig: true }, [{ provide: APP_GUARD, useClass: Admit }]);
    await applications.start(module, useGlobals);
    await redis.publish('greet', '"hi"');
    expect(await heard.atLeast(3)).toEqual(['guard', 'interceptor', 'greet hi!']);
    await redis.publish('fail', '1');
    await heard.first((line) => line === 'filter: on purpose');
  });
});

it.each(['listen', 'init'] as const)('applies the globals of a pure microservice, by %s', async (start) => {
  const app = await applications.microservice(appModule({}), {
    useFactory: (strategy: RedisResilientServer) => ({ strategy }),
    inject: [RedisResilientServer],
  });
  useGlobals(app);
  await app[start]();
  await redis.publish('greet', '"hi"');
  expect(await heard.atLeast(2)).toEqual(['interceptor', 'greet hi!']);
});
