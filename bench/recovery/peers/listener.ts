import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

import { heard } from './assignment.js';

/** The same controller for both transports. */
@Controller()
export class Listener {
  @EventPattern('orders.*')
  onOrder(@Payload() order: { n: number }): void {
    heard(order);
  }
}
