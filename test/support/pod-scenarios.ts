import { expect } from '@jest/globals';

import type { RedisResilientModuleOptions } from '../../src/index.js';
import { poll, type RedisNode } from '../../src/testing/index.js';
import { Kubelet } from './kubelet.js';
import type { PodSpec } from './pod-spec.js';
import type { Sabotage } from './probed-application.js';
import type { Stage } from './stage.js';

/** How quickly everything goes. Milliseconds. */
export interface Pace {
  readonly options: Partial<RedisResilientModuleOptions>;
  readonly pod: PodSpec;
  /** How long Redis stays frozen, or away. */
  readonly outage: number;
  /** How long a pattern stays forbidden. */
  readonly forbidden: number;
  /** Within this a pod that needs it is restarted. */
  readonly restart: number;
  /** How long it is watched afterwards. */
  readonly after: number;
}

type Scenario = () => Promise<void>;

/** What a kubelet does to a pod whose Redis has trouble, the longest first. Each scenario has servers of its own. */
export function podScenarios(stage: Stage, pace: Pace): Record<string, Scenario> {
  const { options, pod: spec, outage, forbidden, restart, after } = pace;

  let lastBoot: Promise<unknown> = Promise.resolve();
  /** One boot after the other: together they would be slow enough for probes to matter. */
  function run(redis: RedisResilientModuleOptions['redis']): Promise<Kubelet> {
    const booted = lastBoot.then(() => boot(redis));
    lastBoot = booted.catch(() => undefined);
    return booted;
  }

  async function boot(redis: RedisResilientModuleOptions['redis']): Promise<Kubelet> {
    const kubelet = stage.keep(await Kubelet.run({ ...options, redis }, spec), (one) => one.stop());
    await kubelet.becomes(true, 60_000);
    return kubelet;
  }

  /** Not ready meanwhile, no probe for liveness failed, and ready by itself once it is over. */
  async function expectPatience(kubelet: Kubelet, lasts: number, over: () => unknown): Promise<void> {
    await kubelet.becomes(false);
    const lines = kubelet.container.log.length;
    await kubelet.probeFor(lasts);
    expect(kubelet.ready).toBe(false);
    // Minutes of failing probes are no minutes of logs.
    expect(kubelet.container.log.slice(lines).length).toBeLessThan(5);
    await over();
    await kubelet.becomes(true);
    await kubelet.probeFor(after);
    expect(kubelet.failures).toEqual([]);
    expect(kubelet.readiness).toEqual([true, false, true]);
    expect(kubelet.restarts).toBe(0);
  }

  /** Stubs out the recovery from outside, makes the pod deaf, and waits for the container that comes after it. */
  async function expectRestart(redis: RedisNode, how: Sabotage): Promise<Kubelet> {
    const kubelet = await run(redis.clientAddress);
    const { pid } = kubelet.container;
    await kubelet.container.sabotage(how);
    await redis.killPubSub();
    await poll(() => kubelet.restarts > 0, { deadline: restart, what: 'a restart' });
    await kubelet.becomes(true, 60_000);
    expect(kubelet.container.pid).not.toBe(pid);
    await kubelet.probeFor(after);
    expect(kubelet.restarts).toBe(1);
    return kubelet;
  }

  async function gapsOf(kubelet: Kubelet): Promise<number> {
    const { body } = await kubelet.ask(spec.readiness);
    return (JSON.parse(body) as { details: { redis: { gaps: { total: number } } } }).details.redis.gaps.total;
  }

  return {
    'a recovery that does nothing: restarted once, and ready': async () => {
      await expectRestart(await stage.redis({}), 'no-decisions');
    },

    'deaf while others hear: restarted once, and ready': async () => {
      const kubelet = await expectRestart(await stage.redis({}), 'no-links');
      expect(kubelet.readiness).toEqual([true, false, true]);
    },

    'frozen: not ready, not restarted, ready again by itself': async () => {
      const redis = await stage.redis({});
      const kubelet = await run(redis.clientAddress);
      redis.freeze();
      await expectPatience(kubelet, outage, () => redis.thaw());
    },

    'the same recovery is not restarted while nobody else hears either': async () => {
      const redis = await stage.redis({});
      const kubelet = await run(redis.clientAddress);
      await kubelet.container.sabotage('no-links');
      await redis.kill();
      await kubelet.becomes(false);
      await kubelet.probeFor(outage);
      expect([kubelet.failures, kubelet.restarts]).toEqual([[], 0]);
    },

    'one pattern forbidden: not restarted, however long, and ready once it is allowed': async () => {
      const rules = (patterns: string): string =>
        `on >secret ~* resetchannels &__redis-resilient__:* ${patterns} +@all`;
      const all = '&orders.* &billing.*';
      const redis = await stage.redis({ users: { app: rules(all) } });
      const kubelet = await run({ ...redis.clientAddress, username: 'app', password: 'secret' });
      await redis.command('ACL', 'SETUSER', 'app', ...rules('&orders.*').split(' '));
      await redis.killPubSub();
      const allow = (): Promise<unknown> => redis.command('ACL', 'SETUSER', 'app', ...rules(all).split(' '));
      await expectPatience(kubelet, forbidden, allow);
    },

    'a full server: not restarted, and ready once there is room': async () => {
      const redis = await stage.redis({});
      const kubelet = await run(redis.clientAddress);
      await redis.command('CONFIG', 'SET', 'maxclients', 1);
      await redis.killPubSub();
      await expectPatience(kubelet, outage, () => redis.command('CONFIG', 'SET', 'maxclients', 1_000));
    },

    'a failover, planned or not: not restarted': async () => {
      const topology = await stage.topology({ links: false });
      const kubelet = await run(topology.clientOptions());
      const { node: master } = await topology.failover();
      await kubelet.becomes(true);
      const before = await gapsOf(kubelet);
      await master.kill();
      const isBack = async (): Promise<boolean> =>
        (await gapsOf(kubelet)) > before && (await kubelet.ask(spec.readiness)).status === 200;
      await poll(isBack, { deadline: 30_000, every: 100, what: 'a pod that is live on the new master' });
      await kubelet.probeFor(after);
      expect([kubelet.failures, kubelet.restarts]).toEqual([[], 0]);
    },
  };
}
