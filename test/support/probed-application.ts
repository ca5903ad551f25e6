import 'reflect-metadata';

import { ConsoleLogger, Controller, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { RedisResilientModule, type RedisResilientModuleOptions } from '../../src/index.js';

/** What a test does to the recovery of the process that it is told in, past every door of the library. */
export type Sabotage =
  /** No link is ever opened any more. */
  | 'no-links'
  /** The machine is told of nothing any more. */
  | 'no-decisions';

@Controller()
class OrdersController {
  @EventPattern('orders.*')
  onOrder(@Payload() _order: unknown): void {
    process.send?.({ heard: true });
  }

  @EventPattern('billing.*')
  onBill(@Payload() _bill: unknown): void {
    process.send?.({ heard: true });
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
