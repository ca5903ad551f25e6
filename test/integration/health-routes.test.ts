import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  RequestMethod,
  type Type,
  UnauthorizedException,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { ADAPTERS, appModule, ask, instance, startOn } from '../support/probed.js';

let redis: RedisNode;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis({ password: 'secret' });
});
afterAll(() => redis.stop());
afterEach(() => applications.closeAll());

@Controller('mine')
class MineController {
  @Get()
  status(): { mine: boolean } {
    return { mine: true };
  }
}

describe.each(ADAPTERS)('on %s', (_, adapter) => {
  const start = (module: Type, prepare?: (app: INestApplication) => unknown): Promise<INestApplication> =>
    startOn(applications, adapter(), module, prepare);
  const warnedOf = (words: string): Promise<unknown> =>
    poll(
      () =>
        applications.logs
          .ours('warn')
          .some((line) => line.startsWith(words) && line.includes('RedisResilientHealthController')),
      { what: `the warning "${words}"` },
    );

  it.each<[string, (app: INestApplication) => unknown, string]>([
    ['a global prefix', (app) => app.setGlobalPrefix('api'), '/api/health'],
    [
      'a global prefix that excludes it',
      (app) =>
        app.setGlobalPrefix('api', {
          exclude: [{ path: 'health/*path', method: RequestMethod.GET }, 'health'],
        }),
      '/health',
    ],
    [
      'versions in the URI',
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      '/health',
    ],
    [
      'versions in a header',
      (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'v', defaultVersion: '1' }),
      '/health',
    ],
  ])('answers with %s, at the path that the boot says', async (_, prepare, path) => {
    const app = await start(appModule([instance(redis)]), prepare);
    expect(applications.logs.ours('log').join('\n')).toContain(
      `Probes: GET ${path}, ${path}/live, ${path}/ready.`,
    );
    for (const below of ['', '/live', '/ready']) expect((await ask(app, path + below)).status).toBe(200);
  });

  it('refuses a route that another controller has', async () => {
    @Controller('health')
    class StatusController {
      @Get('ready')
      status(): string {
        return 'mine';
      }
    }
    const app = await applications.create(appModule([instance(redis)], [StatusController]), adapter());
    await expect(app.init()).rejects.toThrow(
      /GET \/health\/ready exists already in StatusController\.status.*healthPath: 'redis-health'.*healthPath: false/,
    );
  });

  describe('routes of other controllers', () => {
    @Controller({ path: 'health', version: '1' })
    class VersionedController {
      @Get()
      status(): { mine: boolean } {
        return { mine: true };
      }
    }

    it('may stand beside the probes below a version', async () => {
      const app = await start(appModule([instance(redis)], [VersionedController]), (app) =>
        app.enableVersioning({ type: VersioningType.URI }),
      );
      expect((await ask(app, '/v1/health')).body).toEqual({ mine: true });
      expect((await ask(app, '/health')).body.status).toBe('ok');
    });

    it('may have the path where the probes have another or none', async () => {
      await start(appModule([instance(redis, { healthPath: 'redis' })], [VersionedController]));
      await start(appModule([instance(redis, { healthPath: false })], [VersionedController]));
    });

    it('may not where versions are off', async () => {
      const app = await applications.create(appModule([instance(redis)], [VersionedController]), adapter());
      await expect(app.init()).rejects.toThrow(/GET \/health exists already in VersionedController\.status/);
    });
  });

  describe('a global guard', () => {
    it.each<[string, number, () => boolean]>([
      ['a 403', 403, () => false],
      [
        'a 401',
        401,
        () => {
          throw new UnauthorizedException();
        },
      ],
    ])('that stops the probes with %s is warned of', async (_, status, canActivate) => {
      await start(appModule([instance(redis)]), (app) =>
        app.setGlobalPrefix('api').useGlobalGuards({ canActivate }),
      );
      await warnedOf(`GET /api/health answers ${status} `);
    });

    it('that is a provider is warned of', async () => {
      const guard: CanActivate = { canActivate: () => false };
      await start(appModule([instance(redis)], [], [{ provide: APP_GUARD, useValue: guard }]));
      await warnedOf('GET /health answers 403 ');
    });

    it('that lets the probes pass as the warning says is not', async () => {
      const canActivate = (context: ExecutionContext): boolean =>
        context.getClass().name === 'RedisResilientHealthController';
      const app = await start(appModule([instance(redis)], [MineController]), (app) =>
        app.useGlobalGuards({ canActivate }),
      );
      expect((await ask(app, '/mine')).status).toBe(403);
      for (let probe = 0; probe < 20; probe++) expect((await ask(app, '/health')).status).toBe(200);
      expect(applications.logs.ours('warn')).toEqual([]);
    });
  });

  it('a middleware that stops the probes is warned of', async () => {
    await start(appModule([instance(redis)]), (app) =>
      app.use((_request: unknown, response: ServerResponse) => response.writeHead(401).end('{}')),
    );
    await warnedOf('GET /health answers 401 ');
  });
});
