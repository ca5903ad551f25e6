import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Catch, Controller, type ExceptionFilter, Get, Logger } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { RedisResilientHealthIndicator } from '../../src/index.js';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { ADAPTERS, appModule, ask, instance, NOWHERE, startOn } from '../support/probed.js';

let redis: RedisNode;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis({ password: 'secret' });
});
afterAll(() => redis.stop());
afterEach(async () => {
  redis.thaw();
  await applications.closeAll();
});

describe.each(ADAPTERS)('on %s', (_, adapter) => {
  it('all probes say ok while all is well, in the format of Terminus', async () => {
    const app = await startOn(applications, adapter(), appModule([instance(redis)]));
    for (const path of ['/health', '/health/live', '/health/ready']) {
      const { status, body } = await ask(app, path);
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(['status', 'info', 'error', 'details']);
      expect(body.status).toBe('ok');
      expect(body.error).toEqual({});
      expect(body.info).toEqual(body.details);
      expect(body.details['redis']).toMatchObject({
        status: 'up',
        state: 'live',
        cause: null,
        subscriptions: { wanted: 1, acknowledged: 1, refused: 0 },
        gaps: { total: 0, open: 0 },
      });
    }
  });

  it('a frozen Redis is not ready and needs no restart', async () => {
    const app = await startOn(applications, adapter(), appModule([instance(redis)]));
    redis.freeze();
    const { body } = await poll(async () => {
      const answer = await ask(app, '/health/ready');
      return answer.status === 503 && answer;
    });
    expect(body.status).toBe('error');
    expect(body.info).toEqual({});
    expect(body.error).toEqual(body.details);
    expect(body.details['redis']).toMatchObject({
      status: 'down',
      cause: 'silent',
      gaps: { total: 1, open: 1 },
    });
    expect((await ask(app, '/health')).status).toBe(200);
    redis.thaw();
    await poll(async () => (await ask(app, '/health/ready')).status === 200);
  });

  it("the indicator composes with the application's own Terminus checks", async () => {
    @Controller('status')
    class StatusController {
      constructor(
        private readonly health: HealthCheckService,
        private readonly redis: RedisResilientHealthIndicator,
      ) {}

      @Get()
      @HealthCheck()
      check(): Promise<HealthCheckResult> {
        return this.health.check([
          () => this.redis.isReady('orders'),
          () => this.redis.isLive('billing', 'billing'),
          () => ({ other: { status: 'up' } }),
        ]);
      }
    }
    const app = await startOn(
      applications,
      adapter(),
      appModule([instance(redis), instance(redis, { name: 'billing' }), TerminusModule], [StatusController]),
    );
    const { status, body } = await ask(app, '/status');
    expect(status).toBe(200);
    expect(Object.keys(body.details)).toEqual(['orders', 'billing', 'other']);
    expect(body.details['orders']).toMatchObject({ status: 'up', state: 'live' });
  });
});

describe('several instances', () => {
  it('have one controller, and each its own word in it', async () => {
    const app = await applications.start(
      appModule([instance(redis), instance(redis, { name: 'billing', ...NOWHERE })]),
    );
    const { status, body } = await ask(app, '/health/ready');
    expect(status).toBe(503);
    expect(Object.keys(body.info ?? {})).toEqual(['redis']);
    expect(Object.keys(body.error ?? {})).toEqual(['redis:billing']);
    expect((await ask(app, '/health')).status).toBe(200);
  });

  it('are shown where their healthPath says', async () => {
    const app = await applications.start(
      appModule([
        instance(redis, { healthPath: '/ops/redis/' }),
        instance(redis, { name: 'billing' }),
        instance(redis, { name: 'hidden', healthPath: false }),
      ]),
    );
    expect(Object.keys((await ask(app, '/ops/redis/ready')).body.details)).toEqual(['redis']);
    expect(Object.keys((await ask(app, '/health/ready')).body.details)).toEqual(['redis:billing']);
  });
});

describe('a probe', () => {
  it('shows ages in milliseconds, and no address, password or channel', async () => {
    const app = await applications.start(appModule([instance(redis)]));
    const { body } = await ask(app, '/health/ready');
    const { since, lastHeardAgo, lastVerifiedAgo } = body.details['redis'] as Record<string, number>;
    for (const age of [since, lastHeardAgo, lastVerifiedAgo]) {
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(10_000);
    }
    redis.freeze();
    const down = await poll(async () => {
      const answer = await ask(app, '/health/ready');
      return answer.status === 503 && answer;
    });
    const { host, port } = redis.clientAddress;
    for (const text of [JSON.stringify(body), JSON.stringify(down.body)]) {
      expect(text).not.toMatch(new RegExp(`${host}|:${port}|secret|orders`));
      expect(text.length).toBeLessThan(2000);
    }
  });

  it('that fails is no exception: it reaches no filter and writes no log', async () => {
    const caught: unknown[] = [];
    @Catch()
    class LogEverything implements ExceptionFilter {
      catch(error: unknown): void {
        caught.push(error);
        new Logger('Everything').error(error);
      }
    }
    const module = appModule([instance(redis, NOWHERE)]);
    const app = await applications.start(module, (app) => app.useGlobalFilters(new LogEverything()));
    const before = applications.logs.lines.filter(({ level }) => level === 'error').length;
    for (let probe = 0; probe < 50; probe++) expect((await ask(app, '/health/ready')).status).toBe(503);
    expect(caught).toEqual([]);
    expect(applications.logs.lines.filter(({ level }) => level === 'error').length).toBe(before);
  });

  it('gives a link that was live the grace it is told to', async () => {
    const app = await applications.start(
      appModule([instance(redis, { health: { readinessGrace: 60_000 } })]),
    );
    redis.freeze();
    const { status, body } = await poll(async () => {
      const answer = await ask(app, '/health/ready');
      return answer.body.details['redis']!['cause'] === 'silent' && answer;
    });
    expect(status).toBe(200);
    expect(body.details['redis']).toMatchObject({ status: 'up', state: 'connecting' });
  });

  it('gives the same grace where the connection was closed', async () => {
    const own = await startRedis();
    const app = await applications.start(
      appModule([instance(redis, { redis: own.clientAddress, health: { readinessGrace: 60_000 } })]),
    );
    await own.stop();
    const { status, body } = await poll(async () => {
      const answer = await ask(app, '/health/ready');
      return answer.body.details['redis']!['cause'] === 'closed' && answer;
    });
    expect(status).toBe(200);
    expect(body.details['redis']!['lastVerifiedAgo']).toBeGreaterThan(0);
  });

  it('gives no grace to a link that never was', async () => {
    const module = instance(redis, { health: { readinessGrace: 60_000 }, ...NOWHERE });
    const app = await applications.start(appModule([module]));
    expect((await ask(app, '/health/ready')).status).toBe(503);
  });
});

describe('RedisResilientHealthIndicator', () => {
  it('says which instances there are when asked for another', async () => {
    const app = await applications.start(appModule([instance(redis)]));
    const indicator = app.get(RedisResilientHealthIndicator);
    expect(() => indicator.isReady('x', 'billing')).toThrow(
      'There is no RedisResilientModule named "billing". Known: the unnamed one.',
    );
  });
});
