import { Module } from '@nestjs/common';
import { type RedisConnectionOptions, RedisResilientModule } from '@redis-resilient/nestjs';

import { OrdersController } from './orders.controller.js';

/** In an application of your own: `{ sentinels: [{ host: '127.0.0.1', port: 26379 }], name: 'mymaster' }`. */
const redis = JSON.parse(process.env['REDIS'] ?? '{}') as RedisConnectionOptions;

@Module({
  imports: [RedisResilientModule.forRoot({ redis })],
  controllers: [OrdersController],
})
export class AppModule {}
