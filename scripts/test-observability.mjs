/**
 * Proves the alerts of `examples/observability`: with promtool, and with a real Prometheus that scrapes the sample
 * application while a fault is injected. Brings Prometheus, or says exactly how.
 */
import { fileURLToPath } from 'node:url';

import { bringPrometheus } from './observability/prometheus.mjs';
import { run } from './run/run.mjs';

const examples = fileURLToPath(new URL('../examples/observability', import.meta.url));

const { prometheus, promtool } = bringPrometheus();
run(promtool, ['check', 'rules', 'redis-resilient.rules.yml'], examples);
run(promtool, ['test', 'rules', 'redis-resilient.rules.test.yml'], examples);
await import('./run/typescript.mjs');
const { prove } = await import('./observability/prove.ts');
await prove(prometheus);
