import { Inject, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';

/** The prices, in memory; the truth is a hash in Redis. In your application it may be a database or another service. */
@Injectable()
export class PriceList {
  readonly prices = new Map<string, number>();

  constructor(@Inject(Redis) private readonly redis: Redis) {}

  set(article: string, price: number): void {
    this.prices.set(article, price);
  }

  /** Reads all of them; what is read is newer than anything that was missed. */
  async readAgain(): Promise<void> {
    const all = await this.redis.hgetall('prices');
    for (const [article, price] of Object.entries(all)) this.set(article, Number(price));
  }
}
