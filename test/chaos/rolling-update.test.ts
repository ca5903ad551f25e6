import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { RedisResilientClient } from '../../src/index.js';
import { poll, type RedisNode } from '../../src/testing/index.js';
import { Kubelet } from '../support/kubelet.js';
import { httpRequest, Load, redisRequest } from '../support/load.js';
import { QUICK_POD } from '../support/pod-spec.js';
import type { Publisher } from '../support/publisher.js';
import { Service } from '../support/service.js';
import { Stage } from '../support/stage.js';

/** Until those who route know of a pod on its way out; well below the preStop of the example. */
const LAG = QUICK_POD.preStop / 4;
/** Milliseconds between two requests. */
const EVERY = 20;

/** What nobody answered or heard during a step. */
interface Losses {
  readonly http: string[];
  readonly requests: string[];
  readonly events: number[];
}

const stage = new Stage();
let redis: RedisNode;
let service: Service;
let client: RedisResilientClient;
let publisher: Publisher;

/** One replica, so that nobody else can hear what its pod misses. */
const pods: Kubelet[] = [];

async function createPod(preStop = QUICK_POD.preStop): Promise<Kubelet> {
  const spec = { ...QUICK_POD, preStop };
  const pod = stage.keep(await Kubelet.run({ redis: redis.clientAddress }, spec), (one) => one.stop());
  pods.push(pod);
  service.select(pod);
  await pod.becomes(true);
  return pod;
}

/** Puts requests and events on a step, and accounts for them. */
async function underLoad(step: () => Promise<void>): Promise<Losses> {
  const { port } = service;
  const http = stage.keep(new Load(() => httpRequest(port, '/pay'), EVERY), (one) => one.stop());
  const requests = stage.keep(new Load((n) => redisRequest(client, n), EVERY), (one) => one.stop());
  const before = publisher.accepted.items.length;
  const enough = before + 20;
  const flowing = (): boolean =>
    publisher.accepted.items.length > enough && http.answered > 20 && requests.answered > 20;
  await poll(flowing, { deadline: 20_000, what: 'the load' });
  await step();
  await Promise.all([http.stop(), requests.stop()]);

  const events = publisher.accepted.items.slice(before).map(({ n }) => n);
  const unheard = (): number[] => {
    const heard = new Set(pods.flatMap(({ container }) => container.told.items.map((told) => told.heard)));
    return events.filter((n) => !heard.has(n));
  };
  // The last may still be under way.
  await poll(() => unheard().length === 0, { deadline: 2_000 }).catch(() => undefined);
  return { http: http.lost, requests: requests.lost, events: unheard() };
}

/** As a Deployment with `maxSurge: 1` and `maxUnavailable: 0`: the new pod is ready before the old one goes. */
async function update(preStop?: number): Promise<void> {
  const old = pods.at(-1);
  await createPod(preStop);
  await old?.delete();
}

describe('A rolling update under load', () => {
  beforeAll(async () => {
    redis = await stage.redis({});
    service = stage.keep(await Service.open(LAG), (one) => one.close());
    await createPod();
    await poll(() => service.endpoints === 1, { what: 'an endpoint' });
    client = stage.keep(new RedisResilientClient({ redis: redis.clientAddress }), (one) => one.close());
    await client.connect();
    publisher = await stage.publisher(redis);
  });
  afterAll(() => stage.close());

  it('loses no request over HTTP, none over Redis, and no event', async () => {
    expect(await underLoad(() => update(0))).toEqual({ http: [], requests: [], events: [] });
  });

  it('loses requests over HTTP where the old pod does not wait until the Service has forgotten it', async () => {
    const { http, ...overRedis } = await underLoad(() => update());
    expect(http.length).toBeGreaterThan(0);
    expect(overRedis).toEqual({ requests: [], events: [] });
  });

  it('loses what comes over Redis where the old pod goes before the new one is ready', async () => {
    const { requests, events } = await underLoad(async () => {
      await pods.at(-1)?.delete();
      await createPod();
    });
    expect(requests.length).toBeGreaterThan(0);
    expect(events.length).toBeGreaterThan(0);
  });

  it('ends every pod within its grace, and restarts none', () => {
    expect(pods.map(({ kills, restarts }) => [kills, restarts])).toEqual(pods.map(() => [0, 0]));
  });
});
