import 'reflect-metadata';

import { Controller, Module } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { RedisResilientModule } from '@redis-resilient/nestjs';

import { redisConfig } from './redis.config.js';

@Controller()
class OrdersController {
  @EventPattern('orders.new')
  onOrder(@Payload() order: unknown): void {
    console.log('heard', order);
  }
}

@Module({
  imports: [
    RedisResilientModule.forRootAsync({
      imports: [ConfigModule.forFeature(redisConfig)],
      inject: [redisConfig.KEY],
      useFactory: (redis: ConfigType<typeof redisConfig>) => ({ redis }),
      healthPath: 'ops/redis', // beside the factory, because Nest must know it before
    }),
  ],
  controllers: [OrdersController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
