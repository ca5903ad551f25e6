import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { poll, type RedisNode } from '../../src/testing/index.js';
import { Kubelet } from '../support/kubelet.js';
import { QUICK_POD } from '../support/pod-spec.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();
const PROBES = ['/health', '/health/ready'];
/** Milliseconds: the promise. */
const BOUND = 5;
const ROUND = 200;

function p99(durations: readonly number[]): number {
  const sorted = [...durations].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
}

describe('While Redis is frozen', () => {
  let redis: RedisNode;
  let pod: Kubelet;
  /** The longest that any answer took, in milliseconds. */
  let longest = 0;

  beforeAll(async () => {
    redis = await stage.redis({});
    // Nobody but this test probes it, and there is no Redis command on the way of a probe that could be quick or slow.
    const spec = { ...QUICK_POD, liveness: { ...QUICK_POD.liveness, period: 60_000 } };
    const keepAlive = { interval: 100, suspectAfter: 100, timeout: 400 };
    const options = { keepAlive, health: { livenessGrace: 500 }, redis: redis.clientAddress };
    pod = stage.keep(await Kubelet.run(options, spec), (one) => one.stop());
    await pod.becomes(true);
    redis.freeze();
    await pod.becomes(false);
  });
  afterAll(() => stage.close());

  async function durationOf(path: string, status: number): Promise<number> {
    const answer = await pod.ask({ path, timeout: 5_000 });
    expect([path, answer.status]).toEqual([path, status]);
    longest = Math.max(longest, answer.duration);
    return answer.duration;
  }

  it.each(PROBES)(`99 of 100 answers of %s come within ${BOUND} ms, and each comes`, async (path) => {
    const status = path.endsWith('ready') ? 503 : 200;
    /** Whatever else the machine does only makes it slower: the quietest of some rounds tells what a probe takes. */
    const round = async (): Promise<boolean> => {
      const probe: number[] = [];
      const bare: number[] = [];
      for (let n = 0; n < ROUND; n++) {
        bare.push(await durationOf('/bare', 200));
        probe.push(await durationOf(path, status));
      }
      // On a machine that is too busy for a bare route of Nest a probe takes no more than that.
      return p99(probe) < Math.max(BOUND, p99(bare));
    };
    await poll(round, { deadline: 40_000, what: `a p99 below ${BOUND} ms` });
  });

  it('no answer hangs, and an hour of failing probes writes no hour of logs', async () => {
    const lines = pod.container.log.length;
    for (let n = 0; n < 1_000; n++) await durationOf('/health/ready', 503);
    expect(pod.container.log.slice(lines).filter(({ level }) => level === 'error')).toEqual([]);
    expect(pod.container.log.length - lines).toBeLessThan(5);
    expect(longest).toBeLessThan(2_000);
  });
});
