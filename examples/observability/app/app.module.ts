import { Module } from '@nestjs/common';
import { type RedisConnectionOptions, RedisResilientModule } from '@redis-resilient/nestjs';

import { MetricsController } from './metrics.controller.js';
import { OrdersController } from './orders.controller.js';

/** In an application of your own: `{ sentinels: [{ host: '127.0.0.1', port: 26379 }], name: 'mymaster' }`. */
const redis = JSON.parse(
  process.env['REDIS'] ?? '{"host":"127.0.0.1","port":6379}',
) as RedisConnectionOptions;

@Module({
  imports: [RedisResilientModule.forRoot({ redis })],
  controllers: [OrdersController, MetricsController],
})
export class AppModule {}
