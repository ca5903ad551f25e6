import { Controller, Inject, Module } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  InjectRedisResilientClient,
  OnSubscriptionGap,
  type RedisConnectionOptions,
  type RedisResilientClient,
  RedisResilientContext,
  RedisResilientModule,
  RedisResilientMonitor,
  type SubscriptionGap,
} from '@redis-resilient/nestjs';

/** What an application writes down, whatever module system it is compiled to. */
export interface Diary {
  orders: unknown[];
  gaps: SubscriptionGap[];
}

export const DIARY = Symbol('diary');

@Controller()
export class OrdersController {
  constructor(
    @Inject(DIARY) private readonly diary: Diary,
    @Inject(RedisResilientMonitor) readonly monitor: RedisResilientMonitor,
    @InjectRedisResilientClient() readonly client: RedisResilientClient,
  ) {}

  @MessagePattern('orders.*')
  onOrder(@Payload() order: unknown, @Ctx() context: RedisResilientContext): void {
    this.diary.orders.push([context.getChannel(), order, context.isLate()]);
  }

  @MessagePattern('double')
  double(@Payload() number: number): number {
    return number * 2;
  }

  @OnSubscriptionGap()
  onGap(gap: SubscriptionGap): void {
    this.diary.gaps.push(gap);
  }
}

export function moduleOf(redis: RedisConnectionOptions, diary: Diary) {
  @Module({
    imports: [RedisResilientModule.forRoot({ redis })],
    controllers: [OrdersController],
    providers: [{ provide: DIARY, useValue: diary }],
  })
  class AppModule {}
  return AppModule;
}
