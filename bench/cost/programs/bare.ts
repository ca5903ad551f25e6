/** The least that a strategy for Nest can do: look the handler up, parse, call. No envelope check, no error handling, no reply. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { Redis } from 'ioredis';
import type { Observable } from 'rxjs';

import { assignment } from './assignment.js';
import { controller } from './controllers.js';
import { ready } from './meter.js';

class BareStrategy extends Server implements CustomTransportStrategy {
  private readonly redis = new Redis(assignment.redis);

  listen(callback: (error?: unknown) => void): void {
    const { redis, messageHandlers } = this;
    if (assignment.handler === 'bytes') {
      redis.on('pmessageBuffer', (pattern: string, _channel: Buffer, payload: Buffer) => {
        void messageHandlers.get(pattern)?.(payload);
      });
    } else if (assignment.handler === 'enhanced') {
      redis.on('pmessage', (pattern: string, _channel: string, payload: string) => {
        // Behind an interceptor nothing runs until somebody subscribes.
        void messageHandlers
          .get(pattern)?.(dataOf(payload))
          .then((result: Observable<unknown>) => result.subscribe());
      });
    } else {
      redis.on('pmessage', (pattern: string, _channel: string, payload: string) => {
        void messageHandlers.get(pattern)?.(dataOf(payload));
      });
    }
    redis.psubscribe(...messageHandlers.keys()).then(() => callback(), callback);
  }

  close(): void {
    this.redis.disconnect();
  }

  on(): void {
    throw new Error('A bare strategy has no events.');
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's signature
  unwrap<T>(): T {
    return this.redis as T;
  }
}

function dataOf(payload: string): unknown {
  return (JSON.parse(payload) as { data: unknown }).data;
}

@Module({ controllers: [controller] })
class AppModule {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice(AppModule, { strategy: new BareStrategy(), logger: false });
await app.listen();
ready();
