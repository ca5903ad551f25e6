import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TerminusModule } from '@nestjs/terminus';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import { Applications } from '../support/applications.js';
import { ADAPTERS, appModule, askAt, instance, startOn } from '../support/probed.js';

let redis: RedisNode;
const applications = new Applications();

beforeAll(async () => {
  redis = await startRedis({ password: 'secret' });
});
afterAll(() => redis.stop());
afterEach(() => applications.closeAll());

/** Milliseconds for which Terminus holds up a shutdown, so that whoever sends requests can see what the probes say. */
const GRACEFUL = 1_500;

let bills = 0;
@Controller()
class BillingController {
  @EventPattern('billing')
  onBill(@Payload() _bill: unknown): void {
    bills += 1;
  }

  @Get('bills')
  bills(): { bills: number } {
    return { bills };
  }
}

describe.each(ADAPTERS)("Terminus's graceful shutdown, on %s", (_, adapter) => {
  it('is not ready from its first moment on, needs no restart, and goes on to hear', async () => {
    const terminus = TerminusModule.forRoot({ gracefulShutdownTimeoutMs: GRACEFUL, logger: false });
    const app = await startOn(
      applications,
      adapter(),
      appModule([instance(redis), terminus], [BillingController]),
    );
    const url = await app.getUrl();
    expect((await askAt(url, '/health/ready')).status).toBe(200);

    // As `enableShutdownHooks()` does; the signal itself would end this test's process, too.
    const closed = (app as { close(signal: string): Promise<void> }).close('SIGTERM');
    const { body } = await poll(async () => {
      const answer = await askAt(url, '/health/ready');
      return answer.status === 503 && answer;
    });
    expect(body.status).toBe('shutting_down');
    expect(body.details['redis']).toMatchObject({ status: 'up', state: 'live' });
    expect((await askAt(url, '/health')).status).toBe(200);

    const before = bills;
    await redis.publish('billing', '{}');
    await poll(() => bills === before + 1, { what: 'a message during the shutdown' });
    expect((await askAt(url, '/bills')).body).toEqual({ bills });
    await closed;
    await expect(askAt(url, '/health/ready')).rejects.toThrow();
  });
});
