import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { RedisResilientHealthIndicator } from '@redis-resilient/nestjs';

/** A health check of our own, beside the probes that the module serves at `/health`. */
@Controller('status')
export class StatusController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly redis: RedisResilientHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.redis.isReady('redis')]);
  }
}
