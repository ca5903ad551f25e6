import 'reflect-metadata';

import { setTimeout as pause } from 'node:timers/promises';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { OnSubscriptionGap, RedisResilientModule, type SubscriptionGap } from '@redis-resilient/nestjs';

@Controller()
class FramesController {
  /** Two at a time, and at most ten that wait: the eleventh pushes out the oldest. */
  @EventPattern('frames.*', { dispatch: { concurrency: 2, maxPending: 10, overflow: 'drop-oldest' } })
  async onFrame(@Payload() frame: number): Promise<void> {
    await pause(20); // something slow
    console.log('frame', frame);
  }

  /** What was dropped is reported like everything else that may be missing. */
  @OnSubscriptionGap()
  onGap({ cause, dropped }: SubscriptionGap): void {
    console.log('gap', cause, dropped);
  }
}

@Module({
  imports: [
    RedisResilientModule.forRoot({
      redis: { host: '127.0.0.1', port: Number(process.env['REDIS_PORT'] ?? 6379) },
    }),
  ],
  controllers: [FramesController],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
