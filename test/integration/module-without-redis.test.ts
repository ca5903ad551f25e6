import { createServer, type Server } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Module, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { of } from 'rxjs';

import { RedisResilientClient, RedisResilientModule } from '../../src/index.js';
import { poll } from '../../src/testing/index.js';
import { CapturedLogs } from '../support/captured-logs.js';

@Injectable()
class Ledger {
  readonly orders: unknown[] = [];

  constructor(private readonly client: RedisResilientClient) {}

  book(order: unknown): void {
    this.orders.push(order);
    this.client.emit('booked', order);
  }
}

@Controller()
class OrdersController {
  constructor(private readonly ledger: Ledger) {}

  @MessagePattern('orders.*')
  onOrder(@Payload() order: unknown): void {
    this.ledger.book(order);
  }
}

/** Stands where Redis would, and counts who comes. */
class Door {
  connections = 0;
  private readonly server: Server = createServer((socket) => {
    this.connections += 1;
    socket.destroy();
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  close(): void {
    this.server.close();
  }
}

function applicationModule(port: number, autoBind: boolean): Type {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis: { host: '127.0.0.1', port }, autoBind })],
    controllers: [OrdersController],
    providers: [Ledger],
  })
  class AppModule {}
  return AppModule;
}

function application(module: Type) {
  return Test.createTestingModule({ imports: [module] }).setLogger(new CapturedLogs());
}

describe('Tests of an application that imports the module', () => {
  let door: Door;

  beforeEach(() => (door = new Door()).open());
  afterEach(() => door.close());

  it('connect to nothing as long as no application starts and nobody sends', async () => {
    const testing = await application(applicationModule(door.port, true)).compile();
    expect(testing.get(OrdersController)).toBeInstanceOf(OrdersController);
    await testing.close();
    expect(door.connections).toBe(0);
  });

  it('connect to nothing with autoBind: false and a client of their own', async () => {
    const sent: unknown[] = [];
    const testing = await application(applicationModule(door.port, false))
      .overrideProvider(RedisResilientClient)
      .useValue({ emit: (channel: string, data: unknown) => of(sent.push([channel, data])) })
      .compile();
    const app = testing.createNestApplication();
    await app.listen(0, '127.0.0.1');
    app.get(OrdersController).onOrder({ id: 1 });
    const ready = await fetch(`${await app.getUrl()}/health/ready`);
    await app.close();

    expect(sent).toEqual([['booked', { id: 1 }]]);
    expect(ready.status).toBe(503);
    expect(door.connections).toBe(0);
  });

  it.each([
    ['listens', true, () => undefined],
    ['sends', false, (orders: OrdersController) => orders.onOrder({ id: 1 })],
  ] as const)('connect where the application %s', async (_, autoBind, act) => {
    const testing = await application(applicationModule(door.port, autoBind)).compile();
    const app = testing.createNestApplication();
    await app.init();
    act(app.get(OrdersController));
    await poll(() => door.connections > 0);
    await app.close();
  });
});
