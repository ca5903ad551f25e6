import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Scope, UsePipes, type PipeTransform, type Type } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom, Observable } from 'rxjs';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import type { RedisResilientContext } from '../../src/transport/context.js';
import { getTransportId } from '../../src/transport/transport-id.js';
import { Collector } from '../support/collector.js';
import { Transports } from '../support/transport.js';

const seen = new Collector<unknown>();

@Injectable()
class Doubled implements PipeTransform<unknown, unknown> {
  transform(value: unknown): unknown {
    return typeof value === 'number' ? value * 2 : value;
  }
}

@Controller()
class Chained {
  @EventPattern<'chained'>('chained')
  first(): never {
    throw new Error('first fails');
  }

  @EventPattern<'chained'>('chained')
  second(): Observable<void> {
    return new Observable((observer) => {
      setImmediate(() => {
        seen.add('second');
        observer.complete();
      });
    });
  }

  @EventPattern<'chained'>('chained')
  async third(): Promise<void> {
    seen.add('third');
  }
}

@Controller({ scope: Scope.REQUEST })
class Scoped {
  @UsePipes(Doubled)
  @MessagePattern(['double', 'twice'])
  double(@Payload() n: number, @Ctx() context: RedisResilientContext): [number, string] {
    return [n, context.getChannel()];
  }
}

@Controller()
class Hooked {
  @MessagePattern('hooked')
  hooked(@Payload() n: number): number {
    return n;
  }

  @MessagePattern('metadata')
  metadata(@Payload() _: unknown, @Ctx() context: RedisResilientContext): unknown {
    return context.getArgs()[1];
  }
}

@Controller()
class TwoMessagePatterns {
  @MessagePattern('same')
  one(): number {
    return 1;
  }

  @MessagePattern('same')
  two(): number {
    return 2;
  }
}

@Controller()
class EventBehindMessage {
  @MessagePattern('same')
  one(): number {
    return 1;
  }

  @EventPattern<'same'>('same')
  never(): void {
    seen.add('never');
  }
}

@Controller()
class RegularExpression {
  @MessagePattern(/orders/)
  one(): number {
    return 1;
  }
}

@Controller()
class BadExtras {
  @MessagePattern('a', { payload: 'bytes' })
  one(): number {
    return 1;
  }
}

let redis: RedisNode;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  await transports.close();
  seen.items.length = 0;
});

it('a chain of event handlers: each runs, whatever becomes of the others, and all are waited for', async () => {
  transports = new Transports(redis);
  const { server } = await transports.serve(Chained);
  await redis.publish('chained', '1');
  await seen.atLeast(2);
  expect(seen.items).toEqual(['third', 'second']);
  await poll(() => server.pending === 0, { what: 'nothing pending' });
  expect(server.complaints).toEqual({ handlerFailed: 1 });
});

it('a request-scoped controller with a pipe answers on each of its patterns', async () => {
  transports = new Transports(redis);
  await transports.serve(Scoped);
  const client = transports.client();
  expect(await firstValueFrom(client.send('double', 2))).toEqual([4, 'double']);
  expect(await firstValueFrom(client.send('twice', 3))).toEqual([6, 'twice']);
});

it('binding everything again adds nothing', async () => {
  transports = new Transports(redis);
  const { server, app } = await transports.serve(Chained);
  await app.init();
  await new Promise<unknown>((resolve) => server.listen(resolve));
  await redis.publish('chained', '1');
  await seen.atLeast(2);
  await poll(() => server.pending === 0, { what: 'nothing pending' });
  expect(seen.items).toHaveLength(2);
});

describe('a handler that could never run stops the boot', () => {
  it.each<[string, Type, string]>([
    ['two for one pattern', TwoMessagePatterns, 'Two @MessagePattern handlers for "same"'],
    ['an event behind a message', EventBehindMessage, '"same" has a @MessagePattern and an @EventPattern'],
    ['a regular expression', RegularExpression, '/orders/'],
    ['extras that mean nothing', BadExtras, 'payload of "a"'],
  ])('%s', async (_, controller, words) => {
    transports = new Transports(redis);
    await expect(transports.serve(controller)).rejects.toThrow(words);
  });
});

it("Nest's processing hooks surround each message, events and requests", async () => {
  transports = new Transports(redis);
  const { server } = await transports.serve(Hooked);
  const hooks: unknown[] = [];
  const tell = (word: string, transport: unknown, context: unknown): void => {
    hooks.push([word, transport, (context as RedisResilientContext).getChannel()]);
  };
  server.setOnProcessingStartHook((transport, context, done) => {
    tell('start', transport, context);
    void done();
  });
  server.setOnProcessingEndHook((transport, context) => tell('end', transport, context));
  expect(await firstValueFrom(transports.client().send('hooked', 1))).toBe(1);
  await redis.publish('hooked', '2');
  await poll(() => hooks.length === 4, { what: 'both hooks of both messages' });
  const id = getTransportId();
  expect(hooks).toEqual([
    ['start', id, 'hooked'],
    ['end', id, 'hooked'],
    ['start', id, 'hooked'],
    ['end', id, 'hooked'],
  ]);
});

it('metadata that instrumentation adds to a packet reaches the context', async () => {
  transports = new Transports(redis);
  await transports.serve(Hooked);
  const client = transports.client();
  const createPacket = (pattern: unknown, data: unknown): object => {
    return { pattern, data, metadata: { traceparent: 'one' } };
  };
  // Nest 12 has such a step of its own for tools of tracing to override; Nest 11 has none.
  Object.assign(client, { createPacket });
  expect(await firstValueFrom(client.send('metadata', 1))).toEqual({ traceparent: 'one' });
});

it('tells its status in the words of Nest, and its gaps', async () => {
  transports = new Transports(redis);
  const { server } = await transports.serve(Chained);
  const statuses = new Collector<string>();
  const gaps = new Collector<unknown>();
  server.status.subscribe(statuses.add);
  server.on('gap', gaps.add);
  server.on('gap', gaps.add);
  await statuses.first((status) => status === 'connected');
  await redis.killPubSub();
  await gaps.first((gap) => (gap as { phase: string }).phase === 'closed');
  await poll(() => statuses.items.at(-1) === 'connected', { what: 'connected again' });
  expect(statuses.items).toContain('reconnecting');
  expect(gaps.items.filter((gap) => (gap as { phase: string }).phase === 'open')).toHaveLength(1);
  await server.close();
  await statuses.first((status) => status === 'disconnected');
});
