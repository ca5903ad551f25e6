import { Controller, Get, Header, HttpStatus, Res, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { RedisResilientHealthIndicator } from './health-indicator.js';
import { Instances } from './instances.js';

/** The body of a probe, in the format of Terminus. */
interface ProbeBody {
  readonly status: 'ok' | 'error';
  /** What is up. */
  readonly info: HealthIndicatorResult;
  /** What is down. */
  readonly error: HealthIndicatorResult;
  /** Both. */
  readonly details: HealthIndicatorResult;
}

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
      return this.answer(response, (key, name) => this.indicator.isLive(key, name));
    }

    /** 503 while an instance does not hear everything it should. */
    @Get('ready')
    @Header('Cache-Control', 'no-store')
    ready(@Res({ passthrough: true }) response: unknown): ProbeBody {
      return this.answer(response, (key, name) => this.indicator.isReady(key, name));
    }

    // The status is set on the response, not thrown: an application's exception filter would log every failing probe.
    private answer(
      response: unknown,
      check: (key: string, name: string | undefined) => HealthIndicatorResult,
    ): ProbeBody {
      const results = this.instances.shownAt(path).map(({ name }) => check(keyOf(name), name));
      const body = toBody(Object.assign({}, ...results) as HealthIndicatorResult);
      if (body.status === 'error') {
        this.http.httpAdapter.status(response, HttpStatus.SERVICE_UNAVAILABLE);
      }
      return body;
    }
  }
  return RedisResilientHealthController;
}

function keyOf(name: string | undefined): string {
  return name === undefined ? 'redis' : `redis:${name}`;
}

function toBody(details: HealthIndicatorResult): ProbeBody {
  const only = (up: boolean): HealthIndicatorResult =>
    Object.fromEntries(Object.entries(details).filter(([, { status }]) => (status === 'up') === up));
  const error = only(false);
  return { status: Object.keys(error).length === 0 ? 'ok' : 'error', info: only(true), error, details };
}
