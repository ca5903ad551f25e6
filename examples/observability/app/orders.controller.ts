import { Controller, Logger } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

@Controller()
export class OrdersController {
  private readonly logger = new Logger(OrdersController.name);

  @EventPattern('orders.*')
  onOrder(@Payload() order: unknown): void {
    this.logger.debug(order);
  }
}
