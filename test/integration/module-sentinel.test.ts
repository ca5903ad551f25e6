import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { RedisResilientModule } from '../../src/index.js';
import { startTopology, type Topology } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { Collector } from '../support/collector.js';

let topology: Topology;
const applications = new Applications();
const heard = new Collector<unknown>();

beforeAll(async () => {
  topology = await startTopology({ replicas: 1, password: 'secret', sentinelPassword: 'sesame' });
});
afterAll(() => topology.stop());
afterEach(() => applications.closeAll());

@Controller()
class OrdersController {
  @MessagePattern('orders.*')
  onOrder(@Payload() data: unknown): void {
    heard.add(data);
  }
}

it('boots behind Sentinel and says which master it listens to, without a password', async () => {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: topology.clientOptions() })],
    controllers: [OrdersController],
  })
  class AppModule {}
  const app = await applications.start(AppModule);
  const master = (await topology.masterOf())!;
  const [first] = applications.logs.ours();
  expect(first).toMatch(
    new RegExp(
      `^1 subscription on mymaster at ${master.host}:${master.port} \\(epoch \\d+\\)\\. Silence is noticed within 3 s`,
    ),
  );
  await master.publish('orders.new', '{"id":1}');
  expect(await heard.atLeast(1)).toEqual([{ id: 1 }]);
  expect((await fetch(`${await app.getUrl()}/health/ready`)).status).toBe(200);
  expect(applications.logs.lines.map(({ text }) => text).join('\n')).not.toMatch(/secret|sesame/);
});
