import { Controller, type Type } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom, Observable } from 'rxjs';
import { poll } from '../../src/testing/index.js';
import { Collector } from './collector.js';
import { inWords } from './interop-handlers.js';
import type { Side } from './migration-sides.js';
import { WireTap } from './wire-tap.js';

/** Something that a service on a Redis transport may rely on, and what becomes of it. */
export interface Behaviour {
  readonly what: string;
  /** What the stock transport does, where the majors differ each for itself. */
  readonly stock: string | { readonly 11: string; readonly 12: string };
  readonly ours: string;
  /** Redis is not there. */
  readonly away?: true;
  /** Tells in the same words what happens on one side. */
  observe(side: Side): Promise<string>;
}

let heard = new Collector<string>();
const waiting: (() => void)[] = [];

function release(): void {
  for (const goOn of waiting.splice(0)) goOn();
}

@Controller()
class Handlers {
  @MessagePattern('told')
  told(@Payload() data: unknown): void {
    heard.add(inWords(data));
  }

  @MessagePattern('users.*')
  user(@Payload() data: unknown, @Ctx() context: { getChannel(): string }): unknown {
    heard.add(`${inWords(data)} on ${context.getChannel()}`);
    return data;
  }

  @MessagePattern('slow')
  async slow(@Payload() data: unknown): Promise<unknown> {
    heard.add('slow begins');
    await new Promise<void>((resolve) => waiting.push(resolve));
    return data;
  }

  @EventPattern<'stream'>('stream')
  stream(): Observable<never> {
    return new Observable((observer) => {
      heard.add('subscribed');
      observer.complete();
    });
  }
}

@Controller()
class FailsFirst {
  @EventPattern<'chained'>('chained')
  first(): never {
    heard.add('first');
    throw new Error('first fails');
  }

  @EventPattern<'chained'>('chained')
  second(): void {
    heard.add('second');
  }

  @EventPattern<'next'>('next')
  next(): void {
    heard.add('next');
  }
}

@Controller()
class Twice {
  @MessagePattern('same')
  one(): string {
    return 'one';
  }

  @MessagePattern('same')
  two(): string {
    return 'two';
  }
}

@Controller()
class Behind {
  @MessagePattern('same')
  one(): void {
    heard.add('the @MessagePattern');
  }

  @EventPattern<'same'>('same')
  two(): void {
    heard.add('the @EventPattern');
  }
}

/** Resolves once a promise has settled, or a deadline has passed, with whether it has. */
async function settles(promise: Promise<unknown>, within: number): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  return poll(() => settled, { deadline: within }).catch(() => false);
}

/** What is heard of messages until one that is sent behind them. */
async function heardUntilNext({ redis }: Side, channel: string): Promise<string> {
  await redis.publish(channel, '"next"');
  await heard.first((item) => item.includes('next'));
  return heard.items.slice(0, -1).join(', ') || 'nothing';
}

async function starts(side: Side, controller: Type): Promise<boolean> {
  return side.serve(controller).then(
    () => true,
    () => false,
  );
}

export const BEHAVIOURS: readonly Behaviour[] = [
  {
    what: 'The connection is cut once, default options',
    stock: 'deaf for good',
    ours: 'hears again',
    observe: async (side) => {
      const app = await side.serve(Handlers);
      const statuses = new Collector<string>();
      app.status.subscribe(statuses.add);
      await side.redis.publish('told', '"before"');
      await heard.atLeast(1);
      await side.redis.killPubSub();
      await poll(async () => {
        await side.redis.publish('told', '"after"');
        return heard.items.length > 1 || statuses.items.includes('disconnected');
      });
      return heard.items.length > 1 ? 'hears again' : 'deaf for good';
    },
  },
  {
    what: 'Redis is away when the application starts',
    stock: 'it does not start',
    ours: 'it starts, and recovers',
    away: true,
    observe: async (side) =>
      (await starts(side, Handlers)) ? 'it starts, and recovers' : 'it does not start',
  },
  {
    what: 'A handler of `users.*`, without further options',
    stock: 'hears only a channel of that name',
    ours: 'hears all of them',
    observe: async (side) => {
      await side.serve(Handlers, { wildcards: false });
      await side.redis.publish('users.get', '1');
      const found = await heardUntilNext(side, 'told');
      return found === 'nothing' ? 'hears only a channel of that name' : 'hears all of them';
    },
  },
  {
    what: 'A handler of `users.*` answers a request on `users.get`',
    stock: 'and is called with its own reply',
    ours: 'and hears no reply',
    observe: async (side) => {
      await side.serve(Handlers);
      const tap = await WireTap.on(side.redis);
      await side.redis.publish('users.get', '{"pattern":"users.get","data":1,"id":"x"}');
      await tap.exchange();
      tap.close();
      await heardUntilNext(side, 'told');
      return heard.items.length > 2 ? 'and is called with its own reply' : 'and hears no reply';
    },
  },
  {
    what: 'The channel of a message to a handler of `users.*`',
    stock: '`users.get`',
    ours: '`users.get`',
    observe: async (side) => {
      await side.serve(Handlers);
      await side.redis.publish('users.get', '1');
      return `\`${(await heard.first(() => true)).replace(/.* on /, '')}\``;
    },
  },
  {
    what: 'Another program publishes `{"data":5,"type":"x"}`',
    stock: 'the handler gets `5`',
    ours: 'the handler gets all of it',
    observe: async (side) => {
      await side.serve(Handlers);
      await side.redis.publish('told', '{"data":5,"type":"x"}');
      return (await heard.first(() => true)) === '`5`'
        ? 'the handler gets `5`'
        : 'the handler gets all of it';
    },
  },
  {
    what: 'Another program publishes text, or JSON of its own',
    stock: 'the handler gets it, parsed where it is JSON',
    ours: 'the handler gets it, parsed where it is JSON',
    observe: async (side) => {
      await side.serve(Handlers);
      await side.redis.publish('told', 'hello');
      await side.redis.publish('told', '{"id":1}');
      const found = (await heard.atLeast(2)).join(', ');
      return found === '`"hello"`, `{"id":1}`' ? 'the handler gets it, parsed where it is JSON' : found;
    },
  },
  {
    what: 'Two `@MessagePattern` for one pattern',
    stock: 'the last one answers, the other never runs',
    ours: 'refused at boot',
    observe: async (side) => {
      if (!(await starts(side, Twice))) return 'refused at boot';
      const reply: unknown = await firstValueFrom(side.client().send('same', 1));
      return reply === 'two' ? 'the last one answers, the other never runs' : `${String(reply)} answers`;
    },
  },
  {
    what: 'An `@EventPattern` behind a `@MessagePattern` for the same pattern',
    stock: 'it never runs',
    ours: 'refused at boot',
    observe: async (side) => {
      if (!(await starts(side, Behind))) return 'refused at boot';
      await side.redis.publish('same', '1');
      await side.redis.publish('same', '2');
      await heard.atLeast(2);
      return heard.items.includes('the @EventPattern') ? 'it runs' : 'it never runs';
    },
  },
  {
    what: 'Two `@EventPattern` for one pattern, the first throws',
    stock: 'the second runs',
    ours: 'the second runs',
    observe: async (side) => {
      await side.serve(FailsFirst);
      await side.redis.publish('chained', '1');
      const found = await heardUntilNext(side, 'next');
      return found.includes('second') ? 'the second runs' : 'the second does not run';
    },
  },
  {
    what: 'A handler of events gives an Observable',
    stock: 'it is subscribed',
    ours: 'it is subscribed',
    observe: async (side) => {
      await side.serve(Handlers);
      await side.redis.publish('stream', '1');
      return `it is ${await heard.first(() => true)}`;
    },
  },
  {
    what: 'Messages come while a handler is busy',
    stock: 'handled at once',
    ours: 'handled at once',
    observe: async (side) => {
      await side.serve(Handlers);
      await side.redis.publish('slow', '1');
      await side.redis.publish('slow', '2');
      await heard.atLeast(2);
      return 'handled at once';
    },
  },
  {
    what: 'The application shuts down while a handler works on a request',
    stock: 'the reply is lost: `close()` does not wait',
    ours: 'the reply is sent: `close()` waits up to `drainTimeout`',
    observe: async (side) => {
      const app = await side.serve(Handlers);
      const reply = firstValueFrom(side.client().send('slow', 'done'));
      // Where it is lost, the client fails it when the test ends.
      reply.catch(() => undefined);
      await heard.first((item) => item === 'slow begins');
      const closed = app.close();
      if (await settles(closed, side.isOurs ? 300 : 5_000)) {
        // It is left to wait: what it replied now would be an unhandled rejection in Nest 11.
        waiting.length = 0;
        return 'the reply is lost: `close()` does not wait';
      }
      release();
      await closed;
      expectEqual(await reply, 'done');
      return 'the reply is sent: `close()` waits up to `drainTimeout`';
    },
  },
  {
    what: 'The application shuts down while Redis hangs',
    stock: '`close()` hangs too',
    ours: '`close()` returns',
    observe: async (side) => {
      const app = await side.serve(Handlers);
      side.redis.freeze();
      const closed = app.close();
      const returned = await settles(closed, side.isOurs ? 5_000 : 1_000);
      side.redis.thaw();
      await closed;
      return returned ? '`close()` returns' : '`close()` hangs too';
    },
  },
  {
    what: 'An event is sent while Redis hangs',
    stock: 'it waits as long as Redis hangs',
    ours: 'it fails after `client.publishTimeout`',
    observe: async (side) => {
      const client = side.client();
      await client.connect();
      side.redis.freeze();
      const sent = firstValueFrom(client.emit('told', 1), { defaultValue: undefined });
      const failed = await settles(sent, side.isOurs ? 5_000 : 1_000);
      side.redis.thaw();
      await sent.catch(() => undefined);
      return failed ? 'it fails after `client.publishTimeout`' : 'it waits as long as Redis hangs';
    },
  },
  {
    what: 'A reply is sent while the connection is cut, with `retryAttempts`',
    stock: 'the request goes on waiting',
    ours: 'the request fails at once: `REPLY_LOST`',
    observe: async (side) => {
      await side.serve(Handlers, { retryAttempts: 9, retryDelay: 50 });
      const client = side.client({ retryAttempts: 9, retryDelay: 50 });
      const statuses = new Collector<string>();
      client.status.subscribe(statuses.add);
      const reply = firstValueFrom(client.send('slow', 1)).catch(
        (error: unknown) => error as { code: string },
      );
      await heard.first((item) => item === 'slow begins');
      await side.redis.killPubSub();
      release();
      await statuses.first((status) => status === 'reconnecting');
      await poll(() => statuses.items.at(-1) === 'connected', { what: 'connected again' });
      if (!(await settles(reply, side.isOurs ? 5_000 : 300))) return 'the request goes on waiting';
      return `the request fails at once: \`${((await reply) as { code: string }).code}\``;
    },
  },
  {
    what: 'The subscription to a reply channel, once the reply has come',
    stock: 'given up, and made again for the next request',
    ours: 'kept, up to 1,000 of them',
    observe: async (side) => {
      await side.serve(Handlers);
      const client = side.client();
      await firstValueFrom(client.send('told', 1), { defaultValue: undefined });
      const replies = async (): Promise<unknown> => side.redis.command('PUBSUB', 'CHANNELS', '*.reply');
      const isGivenUp = poll(async () => ((await replies()) as unknown[]).length === 0, {
        deadline: side.isOurs ? 300 : 5_000,
      });
      return isGivenUp.then(
        () => 'given up, and made again for the next request',
        () => 'kept, up to 1,000 of them',
      );
    },
  },
  {
    what: 'A client is used after its `close()`',
    stock: 'it connects again',
    ours: 'it fails: `CLOSED`',
    observe: async (side) => {
      await side.serve(Handlers);
      const client = side.client();
      await client.connect();
      await (client.close() as unknown as Promise<void>);
      const sent = firstValueFrom(client.emit('told', 1), { defaultValue: undefined });
      const error = await sent.then(
        () => undefined,
        (reason: unknown) => reason as { code: string },
      );
      return error ? `it fails: \`${error.code}\`` : 'it connects again';
    },
  },
  {
    what: 'What `unwrap()` gives',
    stock: 'two ioredis clients',
    ours: 'the monitor: connections come and go',
    observe: async (side) => {
      const client = side.client();
      await client.connect();
      const inside: unknown = client.unwrap();
      return Array.isArray(inside) ? 'two ioredis clients' : 'the monitor: connections come and go';
    },
  },
];

function expectEqual(found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`expected ${String(wanted)}, found ${String(found)}`);
}

/** Forgets what was heard, and lets no handler of an earlier test wait. */
export function reset(): void {
  release();
  heard = new Collector();
}
