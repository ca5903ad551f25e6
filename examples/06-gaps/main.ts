import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisResilientModule } from '@redis-resilient/nestjs';
import { Redis } from 'ioredis';

import { PriceList } from './price-list.js';
import { PricesController } from './prices.controller.js';

const redis = { host: '127.0.0.1', port: Number(process.env['REDIS_PORT'] ?? 6379) };

@Module({
  imports: [RedisResilientModule.forRoot({ redis })],
  controllers: [PricesController],
  providers: [PriceList, { provide: Redis, useFactory: () => new Redis(redis) }],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
