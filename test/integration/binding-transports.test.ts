import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Inject, Injectable, Module, type Type } from '@nestjs/common';
import { ClientProxyFactory, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import {
  getRedisResilientToken,
  getTransportId,
  InjectRedisResilientClient,
  RedisResilientClient,
  RedisResilientModule,
  RedisResilientMonitor,
  RedisResilientServer,
} from '../../src/index.js';
import { freePort, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

let first: RedisNode;
let second: RedisNode;
let heard: Collector<string>;
const applications = new Applications();

beforeAll(async () => {
  [first, second] = await Promise.all([startRedis(), startRedis()]);
});
afterAll(() => Promise.all([first.stop(), second.stop()]));
beforeEach(() => {
  heard = new Collector();
});
afterEach(() => applications.closeAll());

@Controller()
class UntaggedController {
  @EventPattern(['shared'])
  onShared(data: unknown): void {
    heard.add(`untagged ${String(data)}`);
  }
}

@Controller()
class TaggedController {
  @EventPattern('shared', getTransportId())
  onOwn(data: unknown): void {
    heard.add(`own ${String(data)}`);
  }

  @EventPattern('shared', getTransportId('billing'))
  onBilling(data: unknown): void {
    heard.add(`billing ${String(data)}`);
  }

  @EventPattern('shared', Transport.TCP)
  onTcp(data: unknown): void {
    heard.add(`tcp ${String(data)}`);
  }
}

function appModule(names: (string | undefined)[], controllers: Type[], providers: Type[] = []): Type {
  const nodes = [first, second];
  @Module({
    imports: names.map((name, index) =>
      RedisResilientModule.forRoot({ redis: nodes[index]!.clientAddress, ...(name && { name }) }),
    ),
    controllers,
    providers,
  })
  class AppModule {}
  return AppModule;
}

describe('two modules', () => {
  it('hear each what is meant for it: without a name the untagged handlers too', async () => {
    await applications.start(appModule([undefined, 'billing'], [UntaggedController, TaggedController]));
    await first.publish('shared', '"first"');
    await second.publish('shared', '"second"');
    await first.publish('shared', '"end"');
    await second.publish('shared', '"end"');
    await heard.atLeast(6);
    expect([...heard.items].sort()).toEqual([
      'billing end',
      'billing second',
      'own end',
      'own first',
      'untagged end',
      'untagged first',
    ]);
    expect(applications.logs.ours('warn')).toEqual([]);
  });

  it('keep to that when connected in main.ts', async () => {
    await applications.start(
      appModule([undefined, 'billing'], [UntaggedController, TaggedController]),
      async (app) => {
        for (const name of [undefined, 'billing']) {
          const strategy = app.get<RedisResilientServer>(getRedisResilientToken(RedisResilientServer, name));
          app.connectMicroservice({ strategy });
        }
        await app.startAllMicroservices();
      },
    );
    await second.publish('shared', '"second"');
    await first.publish('shared', '"end"');
    await heard.atLeast(3);
    expect([...heard.items].sort()).toEqual(['billing second', 'own end', 'untagged end']);
  });

  it('give their parts by name', async () => {
    @Injectable()
    class Sender {
      constructor(
        @InjectRedisResilientClient() readonly own: RedisResilientClient,
        @InjectRedisResilientClient('billing') readonly billing: RedisResilientClient,
        readonly monitor: RedisResilientMonitor,
        @Inject(getRedisResilientToken(RedisResilientMonitor, 'billing'))
        readonly billingMonitor: RedisResilientMonitor,
      ) {}
    }
    const app = await applications.start(appModule([undefined, 'billing'], [TaggedController], [Sender]));
    const { own, billing, monitor, billingMonitor } = app.get(Sender);
    expect(own).toBe(app.get(RedisResilientClient));
    expect([monitor.snapshot().name, billingMonitor.snapshot().name]).toEqual([null, 'billing']);
    await firstValueFrom(billing.emit('shared', 'second'), { defaultValue: undefined });
    await firstValueFrom(own.emit('shared', 'first'), { defaultValue: undefined });
    await heard.atLeast(2);
    expect([...heard.items].sort()).toEqual(['billing second', 'own first']);
  });

  it('with one name are refused', async () => {
    await expect(applications.create(appModule(['billing', 'billing'], []))).rejects.toThrow(
      'Two RedisResilientModules are named "billing". Give one of them another name.',
    );
    await expect(applications.create(appModule([undefined, undefined], []))).rejects.toThrow(
      /Two RedisResilientModules have no name\. Give one of them a name: forRoot\(\{ name:/,
    );
  });
});

describe('a handler that nobody would hear is warned of', () => {
  it('without a transport id, where every module has a name', async () => {
    await applications.start(appModule(['billing'], [UntaggedController]));
    expect(applications.logs.ours('warn')).toEqual([
      expect.stringMatching(
        /nobody hears shared → UntaggedController\.onShared\. Name the instance: @EventPattern\('shared', getTransportId\('billing'\)\)/,
      ),
    ]);
  });

  it('with the transport id of a module that is not there', async () => {
    await applications.start(appModule([undefined], [TaggedController]));
    expect(applications.logs.ours('warn')).toEqual([
      expect.stringMatching(/nobody hears shared → TaggedController\.onBilling\. Known: getTransportId\(\)/),
    ]);
  });

  it('with the transport id of the stock Redis transport', async () => {
    @Controller()
    class StockController {
      @MessagePattern('x', Transport.REDIS)
      onX(): void {
        heard.add('never');
      }
    }
    await applications.start(appModule([undefined], [StockController]));
    expect(applications.logs.ours('warn')).toEqual([
      expect.stringMatching(
        /nobody hears x → StockController\.onX\. Write @MessagePattern\('x', getTransportId\(\)\)/,
      ),
    ]);
  });
});

describe('a second microservice transport beside ours', () => {
  it('hears its own handlers, and the untagged ones are warned of', async () => {
    const port = await freePort();
    await applications.start(appModule([undefined], [UntaggedController, TaggedController]), async (app) => {
      app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
      await app.startAllMicroservices();
    });
    await first.publish('shared', '"redis"');
    await heard.atLeast(2);
    const tcp = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
    tcp.emit('shared', 'tcp');
    await heard.atLeast(4);
    await tcp.close();
    expect([...heard.items].sort()).toEqual(['own redis', 'tcp tcp', 'untagged redis', 'untagged tcp']);
    expect(applications.logs.ours('warn')).toContainEqual(
      expect.stringMatching(
        /bound to every transport of this application, so to Redis and to ServerTCP: shared → UntaggedController\.onShared\..*getTransportId\(\).*Transport\.TCP/,
      ),
    );
  });

  it('as the only one in main.ts lets ours be bound too', async () => {
    const port = await freePort();
    const options = { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
    const app = await applications.microservice(appModule([undefined], [TaggedController]), options);
    await app.listen();
    await first.publish('shared', '"redis"');
    expect(await heard.atLeast(1)).toEqual(['own redis']);
  });
});
