import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { collectRedisResilientMetrics } from '../../src/metrics/index.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

const register = new Registry();
collectRedisResilientMetrics({ register })();
const existing = new Set<string>();
const stop = collectRedisResilientMetrics({ register });
for (const { name } of register.getMetricsAsArray()) existing.add(name);
stop();

/** Names of ours, without what a histogram appends. */
function namesIn(text: string): string[] {
  const names = text.match(/\bredis_resilient_\w+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

it.each([
  'examples/observability/redis-resilient.rules.yml',
  'examples/observability/grafana-dashboard.json',
])('%s names metrics that exist', (file) => {
  const names = namesIn(read(file));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !existing.has(name))).toEqual([]);
});

it('docs/metrics.md names every metric, and no other', () => {
  expect(namesIn(read('docs/metrics.md')).sort()).toEqual([...existing].sort());
});
