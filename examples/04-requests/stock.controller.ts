import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

/** Answers requests; what a handler returns is the reply. It could as well live in another process. */
@Controller()
export class StockController {
  @MessagePattern('stock')
  stockOf(@Payload() article: string): { article: string; pieces: number } {
    return { article, pieces: 3 };
  }
}
