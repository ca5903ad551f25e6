/** The transport that comes with Nest. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';

import { assignment } from './assignment.js';
import { controller } from './controllers.js';
import { ready } from './meter.js';

@Module({ controllers: [controller] })
class AppModule {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
  transport: Transport.REDIS,
  options: { ...assignment.redis, wildcards: true },
  logger: false,
});
await app.listen();
ready();
