import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

@Controller()
export class AnsweringController {
  @MessagePattern('orders.get')
  get(@Payload() { id }: { id: number }): object {
    return { id, state: 'paid' };
  }
}
