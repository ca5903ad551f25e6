import 'reflect-metadata';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { RedisResilientContext, RedisResilientModule } from '@redis-resilient/nestjs';

@Controller()
class OrdersController {
  @MessagePattern('orders.*')
  onOrder(@Payload() order: unknown, @Ctx() context: RedisResilientContext): void {
    console.log(context.getChannel(), order);
  }
}

@Module({
  imports: [
    RedisResilientModule.forRoot({
      redis: { host: '127.0.0.1', port: Number(process.env['REDIS_PORT'] ?? 6379) },
    }),
  ],
  controllers: [OrdersController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
