import { Global, Module } from '@nestjs/common';
import { RedisResilientInstancesModule } from '../health/health.module.js';
import { Lifecycle } from './lifecycle.js';

/**
 * What all instances of an application share. Global, because Nest calls the shutdown hooks of global modules last: nothing of
 * ours ends before the application's own modules have.
 */
@Global()
@Module({
  imports: [RedisResilientInstancesModule],
  providers: [Lifecycle],
  exports: [Lifecycle, RedisResilientInstancesModule],
})
export class RedisResilientSharedModule {}
