import { afterAll, describe, expect, it } from '@jest/globals';

import type { RedisResilientModuleOptions } from '../../src/index.js';
import { poll, type RedisNode } from '../../src/testing/index.js';
import { Kubelet, type ProbeAnswer } from '../support/kubelet.js';
import { QUICK_POD } from '../support/pod-spec.js';
import type { Sabotage } from '../support/probed-application.js';
import { Stage } from '../support/stage.js';
import { together } from '../support/together.js';

const stage = new Stage();

/** Ten times as quick as the defaults: three seconds here stand for half a minute, so that outages can be outlasted. */
const QUICK = {
  keepAlive: { interval: 100, suspectAfter: 100, timeout: 400 },
  canary: { interval: 500, timeout: 300 },
  reconnect: { minDelay: 20, maxDelay: 100, refusedDelay: 300 },
  health: { livenessGrace: 1_000 },
} satisfies Partial<RedisResilientModuleOptions>;

async function pod(redis: RedisResilientModuleOptions['redis']): Promise<Kubelet> {
  const kubelet = stage.keep(await Kubelet.run({ ...QUICK, redis }), (one) => one.stop());
  await kubelet.becomes(true);
  return kubelet;
}

/** Asks one probe after the other, and answers with what was said until it was enough. */
async function askUntil(
  kubelet: Kubelet,
  path: string,
  isEnough: (asked: number) => boolean,
): Promise<ProbeAnswer[]> {
  const answers: ProbeAnswer[] = [];
  while (!isEnough(answers.length)) answers.push(await kubelet.ask({ path, timeout: 5_000 }));
  return answers;
}

const forMilliseconds = (milliseconds: number): (() => boolean) => {
  const end = performance.now() + milliseconds;
  return () => performance.now() > end;
};

/** Several times what would be needed for a restart, if anything called for one. */
const LONG = 8_000;

describe('A pod whose Redis is frozen', () => {
  afterAll(() => stage.close());

  it('is not ready, not restarted, ready again by itself, and every probe is answered at once', async () => {
    const redis = await stage.redis({});
    const kubelet = await pod(redis.clientAddress);
    redis.freeze();
    await kubelet.becomes(false);

    const answers = await askUntil(kubelet, '/health', forMilliseconds(LONG));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const durations = answers.map(({ duration }) => duration).sort((one, other) => one - other);
    const [median = NaN, p99 = NaN] = [0.5, 0.99].map(
      (share) => durations[Math.floor(durations.length * share)],
    );
    // The aim is 5 ms at the 99th percentile; this machine has other work to do.
    expect(median).toBeLessThan(5);
    expect(p99).toBeLessThan(50);

    const before = kubelet.container.log.length;
    const unready = await askUntil(kubelet, '/health/ready', (asked) => asked === 1_000);
    expect(unready.map(({ status }) => status)).toEqual(unready.map(() => 503));
    const lines = kubelet.container.log.slice(before);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(lines.length).toBeLessThan(5);

    redis.thaw();
    await kubelet.becomes(true);
    expect(kubelet.restarts).toBe(0);
    expect(kubelet.readiness).toEqual([true, false, true]);
  });
});

/** Stubs out the recovery from outside, makes the pod deaf, and waits for the pod that comes after it. */
async function sabotaged(redis: RedisNode, how: Sabotage): Promise<Kubelet> {
  const kubelet = await pod(redis.clientAddress);
  const { pid } = kubelet.container;
  await kubelet.container.sabotage(how);
  await redis.killPubSub();
  await poll(() => kubelet.restarts > 0, { deadline: 40_000, what: 'a restart' });
  await kubelet.becomes(true);
  expect(kubelet.container.pid).not.toBe(pid);
  await kubelet.probeFor(3_000);
  expect(kubelet.restarts).toBe(1);
  return kubelet;
}

describe('A pod is restarted where that helps, and nowhere else', () => {
  afterAll(() => stage.close());

  together({
    'deaf while others hear: restarted once, and ready': async () => {
      const kubelet = await sabotaged(await stage.redis({}), 'no-links');
      expect(kubelet.readiness).toEqual([true, false, true]);
    },

    'a recovery that does nothing: restarted once, and ready': async () => {
      await sabotaged(await stage.redis({}), 'no-decisions');
    },

    'the same recovery is not restarted while nobody else hears either': async () => {
      const redis = await stage.redis({});
      const kubelet = await pod(redis.clientAddress);
      await kubelet.container.sabotage('no-links');
      await redis.kill();
      await kubelet.becomes(false);
      await kubelet.probeFor(LONG);
      expect(kubelet.failures).toEqual([]);
      expect(kubelet.restarts).toBe(0);
    },

    'one pattern forbidden: not restarted, however long, and ready once it is allowed': async () => {
      const rules = (patterns: string): string =>
        `on >secret ~* resetchannels &__redis-resilient__:* ${patterns} +@all`;
      const redis = await stage.redis({ users: { app: rules('&orders.* &billing.*') } });
      const kubelet = await pod({ ...redis.clientAddress, username: 'app', password: 'secret' });
      await redis.command('ACL', 'SETUSER', 'app', ...rules('&orders.*').split(' '));
      await redis.killPubSub();
      await kubelet.becomes(false);
      await kubelet.probeFor(LONG);
      expect(kubelet.failures).toEqual([]);
      await redis.command('ACL', 'SETUSER', 'app', ...rules('&orders.* &billing.*').split(' '));
      await kubelet.becomes(true);
      await kubelet.probeFor(3_000);
      expect(kubelet.restarts).toBe(0);
    },

    'a failover, planned or not: not restarted': async () => {
      const topology = await stage.topology({ links: false });
      const kubelet = await pod(topology.clientOptions());
      const { node: master } = await topology.failover();
      await kubelet.becomes(true);
      const named = topology.waitForNewMaster(master);
      await master.kill();
      await kubelet.becomes(false);
      await named;
      await kubelet.becomes(true);
      await kubelet.probeFor(3_000);
      expect(kubelet.restarts).toBe(0);
    },

    'a process that does not get to answer is restarted': async () => {
      const redis = await stage.redis({});
      const spec = { ...QUICK_POD, liveness: { ...QUICK_POD.liveness, timeout: 500 }, terminationGrace: 500 };
      const kubelet = stage.keep(await Kubelet.run({ ...QUICK, redis: redis.clientAddress }, spec), (one) =>
        one.stop(),
      );
      await kubelet.becomes(true);
      kubelet.container.kill('SIGSTOP');
      await poll(() => kubelet.restarts === 1, { deadline: 20_000, what: 'a restart' });
      await kubelet.becomes(true);
    },
  });
});
