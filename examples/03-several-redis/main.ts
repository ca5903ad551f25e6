import 'reflect-metadata';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import {
  getTransportId,
  InjectRedisResilientClient,
  RedisResilientClient,
  RedisResilientModule,
} from '@redis-resilient/nestjs';

@Controller()
class OrdersController {
  constructor(@InjectRedisResilientClient('billing') private readonly billing: RedisResilientClient) {}

  /** Without a transport id: from the Redis without a name. */
  @EventPattern('orders.new')
  onOrder(@Payload() order: { id: number }): void {
    this.billing.emit('invoices.new', { order: order.id });
  }

  @EventPattern('invoices.*', getTransportId('billing'))
  onInvoice(@Payload() invoice: unknown): void {
    console.log('billing has', invoice);
  }
}

const host = '127.0.0.1';

@Module({
  imports: [
    RedisResilientModule.forRoot({ redis: { host, port: Number(process.env['REDIS_PORT'] ?? 6379) } }),
    RedisResilientModule.forRoot({
      name: 'billing',
      redis: { host, port: Number(process.env['BILLING_PORT'] ?? 6380) },
    }),
  ],
  controllers: [OrdersController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
