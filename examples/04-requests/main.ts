import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisResilientModule } from '@redis-resilient/nestjs';

import { ShopController } from './shop.controller.js';
import { StockController } from './stock.controller.js';

@Module({
  imports: [
    RedisResilientModule.forRoot({
      redis: { host: '127.0.0.1', port: Number(process.env['REDIS_PORT'] ?? 6379) },
      client: { timeout: 5_000 }, // a request that nobody answers fails after that
    }),
  ],
  controllers: [ShopController, StockController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
