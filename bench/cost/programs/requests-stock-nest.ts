/** Client and server of the transport that comes with Nest, in one process. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, type MicroserviceOptions, Transport } from '@nestjs/microservices';

import { AnsweringController } from './answering.controller.js';
import { assignment } from './assignment.js';
import { askThrough } from './ask-through.js';
import { serveOrders } from './requests.js';

@Module({ controllers: [AnsweringController] })
class AppModule {}

const options = { ...assignment.redis, enableAutoPipelining: assignment.autoPipelining };
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
  transport: Transport.REDIS,
  options,
  logger: false,
});
await app.listen();
const client = ClientProxyFactory.create({ transport: Transport.REDIS, options });
await client.connect();
serveOrders(askThrough(client));
