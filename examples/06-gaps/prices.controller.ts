import { Controller, type OnApplicationBootstrap } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { OnSubscriptionGap, type SubscriptionGap } from '@redis-resilient/nestjs';

import { PriceList } from './price-list.js';

@Controller()
export class PricesController implements OnApplicationBootstrap {
  constructor(private readonly list: PriceList) {}

  /** What was published before this process heard anything has to be read as well. */
  async onApplicationBootstrap(): Promise<void> {
    await this.list.readAgain();
  }

  @EventPattern('prices')
  onPrice(@Payload() { article, price }: { article: string; price: number }): void {
    this.list.set(article, price);
    console.log('heard', article, price);
  }

  /** Called once live again: from now on every change is heard, so a full read leaves no hole. */
  @OnSubscriptionGap()
  async onGap({ cause }: SubscriptionGap): Promise<void> {
    await this.list.readAgain();
    console.log('read again after', cause, Object.fromEntries(this.list.prices));
  }
}
