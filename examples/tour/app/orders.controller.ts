import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { OnSubscriptionGap, type RedisResilientContext, type SubscriptionGap } from '@redis-resilient/nestjs';

import { tell } from './tell.js';

@Controller()
export class OrdersController {
  /** Called for what anybody publishes: `redis-cli publish orders.new '{"id":1}'`. */
  @MessagePattern('orders.*')
  onOrder(@Payload() order: unknown, @Ctx() context: RedisResilientContext): void {
    tell({ heard: order, channel: context.getChannel(), late: context.isLate() });
  }

  /** Live again: here an application reads what happened meanwhile from where it is kept. */
  @OnSubscriptionGap()
  onGap(gap: SubscriptionGap): void {
    tell({ gap });
  }

  /** The old link has ended: what it still brought has arrived, and nothing of this gap can come any more. */
  @OnSubscriptionGap({ on: 'settled' })
  onSettled(gap: SubscriptionGap): void {
    tell({ gap });
  }
}
