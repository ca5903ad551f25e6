import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { OnSubscriptionGap } from '@redis-resilient/nestjs';

/** What is to be tested. */
@Controller()
export class OrdersController {
  readonly orders: unknown[] = [];
  gaps = 0;

  @EventPattern('orders.*')
  onOrder(@Payload() order: unknown): void {
    this.orders.push(order);
  }

  @OnSubscriptionGap()
  onGap(): void {
    this.gaps += 1;
  }
}
