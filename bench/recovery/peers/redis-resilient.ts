/** A microservice with this library, every option at its default. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisResilientModule, RedisResilientServer } from '@redis-resilient/nestjs';

import { assignment } from './assignment.js';
import { Listener } from './listener.js';

@Module({
  imports: [RedisResilientModule.forRoot({ redis: assignment.connection })],
  controllers: [Listener],
})
class AppModule {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice(AppModule, {
  useFactory: (strategy: RedisResilientServer) => ({ strategy }),
  inject: [RedisResilientServer],
});
await app.listen();
