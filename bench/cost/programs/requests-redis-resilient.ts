/** Client and server of this library in one process, every option at its default. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisResilientClient, RedisResilientModule, RedisResilientServer } from '@redis-resilient/nestjs';

import { AnsweringController } from './answering.controller.js';
import { assignment } from './assignment.js';
import { askThrough } from './ask-through.js';
import { serveOrders } from './requests.js';

@Module({
  imports: [RedisResilientModule.forRoot({ redis: assignment.redis })],
  controllers: [AnsweringController],
})
class AppModule {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice(AppModule, {
  useFactory: (strategy: RedisResilientServer) => ({ strategy }),
  inject: [RedisResilientServer],
  logger: false,
});
await app.listen();
serveOrders(askThrough(app.get(RedisResilientClient)));
