import 'reflect-metadata';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TerminusModule } from '@nestjs/terminus';
import { RedisResilientModule } from '@redis-resilient/nestjs';

import { StatusController } from './status.controller.js';

@Controller()
class OrdersController {
  @EventPattern('orders.*')
  onOrder(@Payload() order: unknown): void {
    console.log('heard', order);
  }
}

@Module({
  imports: [
    TerminusModule,
    RedisResilientModule.forRoot({
      redis: { host: '127.0.0.1', port: Number(process.env['REDIS_PORT'] ?? 6379) },
      // Two seconds without a subscription are no reason to take the pod out of its Service.
      health: { readinessGrace: 2_000 },
    }),
  ],
  controllers: [OrdersController, StatusController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
