/** This library, every option at its default. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisResilientModule, RedisResilientServer } from '@redis-resilient/nestjs';

import { assignment } from './assignment.js';
import { controller } from './controllers.js';
import { ready } from './meter.js';

const { redis, handler } = assignment;

@Module({
  imports: [RedisResilientModule.forRoot({ redis, payload: handler === 'bytes' ? 'buffer' : 'json' })],
  controllers: [controller],
})
class AppModule {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice(AppModule, {
  useFactory: (strategy: RedisResilientServer) => ({ strategy }),
  inject: [RedisResilientServer],
  logger: false,
});
await app.listen();
ready();
