import 'reflect-metadata';

import { setTimeout as pause } from 'node:timers/promises';
import { ConsoleLogger, Controller, Get, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import {
  RedisResilientClient,
  RedisResilientModule,
  type RedisResilientModuleOptions,
} from '../../src/index.js';

/** Milliseconds that a request takes, so that some are always under way. */
const WORK = 100;

/** What a test does to the recovery of the process that it is told in, past every door of the library. */
export type Sabotage =
  /** No link is ever opened any more. */
  | 'no-links'
  /** The machine is told of nothing any more. */
  | 'no-decisions';

@Controller()
class OrdersController {
  constructor(private readonly client: RedisResilientClient) {}

  @EventPattern('orders.new')
  onOrder(@Payload() { n }: { n: number }): void {
    process.send?.({ heard: n });
  }

  @EventPattern('billing.*')
  onBill(@Payload() _bill: unknown): void {}

  @MessagePattern('orders.price')
  async price(@Payload() { n }: { n: number }): Promise<{ n: number }> {
    await pause(WORK);
    return { n };
  }

  /** Publishes at its end, when a shutdown may be under way. */
  @Get('pay')
  async pay(): Promise<{ paid: boolean }> {
    await pause(WORK);
    await firstValueFrom(this.client.emit('billing.paid', {}));
    return { paid: true };
  }

  /** To compare the probes with. */
  @Get('bare')
  bare(): { status: string } {
    return { status: 'ok' };
  }
}

const options = JSON.parse(process.env['OPTIONS'] ?? '{}') as RedisResilientModuleOptions;

@Module({ imports: [RedisResilientModule.forRoot(options)], controllers: [OrdersController] })
class AppModule {}

Logger.overrideLogger(new ConsoleLogger({ json: true }));
const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
const engine = app.get<{ supervisor: { dispatch: unknown; links: { open: unknown } } }>(
  Symbol.for('@redis-resilient/nestjs:engine'),
  { strict: false },
);

process.on('message', (sabotage: Sabotage) => {
  const nothing = (): void => undefined;
  if (sabotage === 'no-decisions') engine.supervisor.dispatch = nothing;
  else engine.supervisor.links.open = nothing;
  process.send?.({ sabotaged: sabotage });
});
process.once('disconnect', () => process.exit());

await app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
process.send?.({ url: await app.getUrl() });
