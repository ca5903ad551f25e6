/**
 * The scenarios of `test/chaos/liveness-probes.test.ts` once more, with the library's defaults and the example's manifest to the
 * letter: nothing is quicker than in a cluster. It takes about six minutes, so it has a command of its own: npm run test:pods.
 */
import { afterAll, describe } from '@jest/globals';

import { podScenarios } from '../support/pod-scenarios.js';
import { MANIFEST_POD } from '../support/pod-spec.js';
import { Stage } from '../support/stage.js';
import { together } from '../support/together.js';

const stage = new Stage();
const minutes = (count: number): number => count * 60_000;

describe('A pod of the example', () => {
  afterAll(() => stage.close());

  together(
    podScenarios(stage, {
      options: {},
      pod: MANIFEST_POD,
      outage: minutes(2),
      forbidden: minutes(5),
      // What docs/health.md says: 70 to 80 s after the pod went deaf; then preStop.
      restart: 85_000,
      after: 15_000,
    }),
  );
});
