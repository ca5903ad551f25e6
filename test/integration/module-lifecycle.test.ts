import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Module, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import {
  InjectRedisResilientClient,
  RedisResilientClient,
  RedisResilientModule,
  RedisResilientMonitor,
} from '../../src/index.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

let redis: RedisNode;
let heard: Collector<unknown>;
/** Lets a handler that waits go on. */
let release: () => void;
let released: Promise<void>;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  heard = new Collector();
  released = new Promise((resolve) => (release = resolve));
});
afterEach(async () => {
  release();
  redis.thaw();
  await applications.closeAll();
});

@Controller()
class OrdersController {
  @EventPattern(['quick'])
  onQuick(@Payload() data: unknown): void {
    heard.add(data);
  }

  @EventPattern(['slow'])
  async onSlow(@Payload() data: unknown): Promise<void> {
    heard.add(`begins ${String(data)}`);
    await released;
    heard.add(`ends ${String(data)}`);
  }
}

function appModule(options: object = {}, providers: Type[] = []): Type {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: redis.clientAddress, ...options })],
    controllers: [OrdersController],
    providers,
  })
  class AppModule {}
  return AppModule;
}

/** Milliseconds that a promise takes. */
async function timeOf(outcome: Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await outcome;
  return performance.now() - begin;
}

/** Timers and sockets that keep the process running. */
function heldResources(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind.startsWith('TCP'))
    .length;
}

/** The same once the sockets of earlier tests are gone. */
async function steadyResources(): Promise<number> {
  const samples: number[] = [];
  await poll(() => {
    samples.push(heldResources());
    return samples.length >= 10 && new Set(samples.slice(-10)).size === 1;
  });
  return heldResources();
}

async function connectionsOfOurs(): Promise<number> {
  const list = String(await redis.command('CLIENT', 'LIST'));
  return list.split('\n').filter((line) => line.includes(' sub=') && / (sub|psub)=[1-9]/.test(line)).length;
}

describe('shutdown', () => {
  it('lets handlers that run finish, takes nothing new, and leaves no connection', async () => {
    const app = await applications.start(appModule());
    await redis.publish('slow', '1');
    await heard.first((item) => item === 'begins 1');
    const closed = applications.close(app);
    await poll(
      async () =>
        (await redis.publish('quick', '"late"')) >= 0 &&
        app.get(RedisResilientMonitor).snapshot().state === 'draining',
    );
    await redis.publish('quick', '"too late"');
    release();
    await closed;
    expect(heard.items).toContain('ends 1');
    expect(heard.items).not.toContain('too late');
    await poll(async () => (await connectionsOfOurs()) === 0);
  });

  it('waits for handlers no longer than drainTimeout', async () => {
    const app = await applications.start(appModule({ drainTimeout: 300 }));
    await redis.publish('slow', '1');
    await heard.first((item) => item === 'begins 1');
    expect(await timeOf(applications.close(app))).toBeLessThan(1300);
    expect(
      applications.logs.ours('warn').concat(applications.logs.lines.map(({ text }) => text)),
    ).toContainEqual(expect.stringMatching(/1 messages? unfinished after 300 ms/));
  });

  it.each([
    ['with nothing to do', false],
    ['with a handler that never settles', true],
  ])('returns within drainTimeout + 1 s while Redis is frozen, %s', async (_, isBusy) => {
    const app = await applications.start(appModule({ drainTimeout: 500 }));
    if (isBusy) {
      await redis.publish('slow', '1');
      await heard.atLeast(1);
    }
    redis.freeze();
    expect(await timeOf(applications.close(app))).toBeLessThan(1500);
  });

  it('drains two instances side by side', async () => {
    @Module({
      imports: [
        RedisResilientModule.forRoot({ redis: redis.clientAddress, drainTimeout: 500 }),
        RedisResilientModule.forRoot({ redis: redis.clientAddress, drainTimeout: 500, name: 'billing' }),
      ],
      controllers: [OrdersController],
    })
    class AppModule {}
    const app = await applications.start(AppModule);
    await redis.publish('slow', '1');
    await heard.atLeast(1);
    redis.freeze();
    expect(await timeOf(applications.close(app))).toBeLessThan(1500);
  });

  it('lets a provider publish while the application shuts down', async () => {
    await applications.start(appModule());

    @Injectable()
    class Farewell implements OnApplicationShutdown {
      constructor(@InjectRedisResilientClient() private readonly client: RedisResilientClient) {}

      async onApplicationShutdown(): Promise<void> {
        await firstValueFrom(this.client.emit('quick', 'farewell'), { defaultValue: undefined });
      }
    }
    const leaving = await applications.start(appModule({}, [Farewell]));
    await applications.close(leaving);
    await heard.first((item) => item === 'farewell');
  });
});

describe('after shutdown', () => {
  it.each([
    ['', false],
    [' while Redis is frozen', true],
  ])('no timer and no socket keeps the process%s', async (_, isFrozen) => {
    const before = await steadyResources();
    const app = await applications.start(appModule());
    await redis.publish('quick', '1');
    await heard.atLeast(1);
    expect(heldResources()).toBeGreaterThan(before);
    if (isFrozen) redis.freeze();
    await applications.close(app);
    await poll(() => heldResources() <= before, { what: 'an end of all timers and sockets' });
  });
});

describe('boot without Redis', () => {
  it('starts, is not ready, says so once, and recovers', async () => {
    await redis.kill();
    const app = await applications.start(appModule());
    const ready = `${await app.getUrl()}/health/ready`;
    expect((await fetch(ready)).status).toBe(503);
    expect(applications.logs.ours('log')).toContainEqual(
      expect.stringMatching(/^2 subscriptions as soon as Redis is there\. Probes: GET \/health/),
    );
    await redis.start();
    await poll(async () => (await fetch(ready)).status === 200);
    await redis.publish('quick', '1');
    expect(await heard.atLeast(1)).toEqual([1]);
    expect(
      applications.logs
        .ours('warn')
        .join('\n')
        .match(/starts without it/g),
    ).toHaveLength(1);
  });

  it('starts while Redis is frozen, and hears once it is thawed', async () => {
    redis.freeze();
    const app = await applications.start(appModule({ keepAlive: { timeout: 600 } }));
    expect(app.get(RedisResilientMonitor).snapshot().live).toBe(false);
    redis.thaw();
    await poll(() => app.get(RedisResilientMonitor).snapshot().live);
    await redis.publish('quick', '1');
    expect(await heard.atLeast(1)).toEqual([1]);
  });
});
