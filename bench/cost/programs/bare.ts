/** The least that a strategy for Nest can do: look the handler up, parse, call. No envelope check, no error handling, no reply. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { Redis } from 'ioredis';

import { assignment } from './assignment.js';
import { controller } from './controllers.js';
import { ready } from './meter.js';

class BareStrategy extends Server implements CustomTransportStrategy {
  private readonly redis = new Redis(assignment.redis);

  listen(callback: (error?: unknown) => void): void {
    if (assignment.handler === 'bytes') {
      this.redis.on('pmessageBuffer', (pattern: string, _channel: Buffer, payload: Buffer) => {
        void this.messageHandlers.get(pattern)?.(payload);
      });
    } else {
      this.redis.on('pmessage', (pattern: string, _channel: string, payload: string) => {
        void this.messageHandlers.get(pattern)?.((JSON.parse(payload) as { data: unknown }).data);
      });
    }
    this.redis.psubscribe(...this.messageHandlers.keys()).then(() => callback(), callback);
  }

  close(): void {
    this.redis.disconnect();
  }

  on(): void {
    throw new Error('A bare strategy has no events.');
  }

  unwrap<T>(): T {
    return this.redis as T;
  }
}

@Module({ controllers: [controller] })
class AppModule {}

const app = await NestFactory.createMicroservice(AppModule, { strategy: new BareStrategy(), logger: false });
await app.listen();
ready();
