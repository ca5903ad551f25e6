import { Controller, Get, Header, HttpStatus, Res, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RedisResilientHealthIndicator } from './health-indicator.js';
import { Instances } from './instances.js';
import { type ProbeBody, probeBody } from './probe-body.js';

/** Below `path`, the probes of every instance that has it as its `healthPath`. */
export function healthControllerAt(path: string): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class RedisResilientHealthController {
    constructor(
      private readonly indicator: RedisResilientHealthIndicator,
      private readonly instances: Instances,
      private readonly http: HttpAdapterHost,
    ) {}

    /** 503 only when a restart would help. */
    @Get(['', 'live'])
    @Header('Cache-Control', 'no-store')
    live(@Res({ passthrough: true }) response: unknown): ProbeBody {
      return this.answer(response, 'live');
    }

    /** 503 while an instance does not hear everything it should. */
    @Get('ready')
    @Header('Cache-Control', 'no-store')
    ready(@Res({ passthrough: true }) response: unknown): ProbeBody {
      return this.answer(response, 'ready');
    }

    // The status is set on the response, not thrown: an application's exception filter would log every failing probe.
    private answer(response: unknown, probe: 'live' | 'ready'): ProbeBody {
      const body = probeBody(probe, path, this.instances, this.indicator);
      if (body.status !== 'ok') {
        this.http.httpAdapter.status(response, HttpStatus.SERVICE_UNAVAILABLE);
      }
      return body;
    }
  }
  return RedisResilientHealthController;
}
