import { Controller, Get, Param } from '@nestjs/common';
import { RedisResilientClient } from '@redis-resilient/nestjs';
import type { Observable } from 'rxjs';

/** `GET /stock/pears` asks over Redis. */
@Controller()
export class ShopController {
  constructor(private readonly client: RedisResilientClient) {}

  @Get('stock/:article')
  stockOf(@Param('article') article: string): Observable<unknown> {
    this.client.emit('audit', { asked: article });
    return this.client.send('stock', article);
  }
}
