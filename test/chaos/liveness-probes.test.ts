import { afterAll, describe } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { Kubelet } from '../support/kubelet.js';
import { podScenarios } from '../support/pod-scenarios.js';
import { QUICK_POD } from '../support/pod-spec.js';
import { Stage } from '../support/stage.js';
import { together } from '../support/together.js';

const stage = new Stage();

/** Ten times as quick as the defaults; `npm run test:pods` takes all the time of the defaults and of the example. */
const options = {
  keepAlive: { interval: 100, suspectAfter: 100, timeout: 400 },
  canary: { interval: 500, timeout: 300 },
  reconnect: { minDelay: 20, maxDelay: 100, refusedDelay: 300 },
  health: { livenessGrace: 1_000 },
};

/** Several times what would be needed for a restart, if anything called for one. */
const LONG = 8_000;

const pace = {
  options,
  pod: { ...QUICK_POD, preStop: 0 },
  outage: LONG,
  forbidden: LONG,
  restart: 40_000,
  after: 3_000,
};

describe('A pod is restarted where that helps, and nowhere else', () => {
  afterAll(() => stage.close());

  together({
    ...podScenarios(stage, pace),

    'a process that does not get to answer is restarted': async () => {
      const redis = await stage.redis({});
      const spec = {
        ...pace.pod,
        liveness: { ...pace.pod.liveness, timeout: 500 },
        terminationGrace: 500,
      };
      const kubelet = await Kubelet.run({ ...options, redis: redis.clientAddress }, spec);
      stage.keep(kubelet, (one) => one.stop());
      await kubelet.becomes(true, 60_000);
      kubelet.container.kill('SIGSTOP');
      await poll(() => kubelet.restarts === 1, { deadline: 20_000, what: 'a restart' });
      await kubelet.becomes(true, 60_000);
    },
  });
});
