/** A microservice with the transport that comes with Nest. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';

import { assignment } from './assignment.js';
import { Listener } from './listener.js';

@Module({ controllers: [Listener] })
class AppModule {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
  transport: Transport.REDIS,
  options: { ...assignment.connection, ...assignment.options, wildcards: true },
});
await app.listen();
