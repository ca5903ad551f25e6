/**
 * Everything that must hold, from a fresh clone on: brings the packages and a redis-server, then checks and
 * tests, the quick things first. Ends at the first failure with its exit code. Needs nothing but Node and npm.
 */
import { fileURLToPath } from 'node:url';

import { installPackages } from './run/install-packages.mjs';
import { run, runScript } from './run/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const steps = {
  packages: () => installPackages(root),
  lint: () => runScript('lint'),
  types: () => runScript('types'),
  'import rules': () => runScript('imports'),
  'what is unused': () => runScript('unused'),
  'unit tests': () => runScript('test:unit'),
  tarball: () => run(process.execPath, ['scripts/pack.mjs']),
  'redis-server': () => run(process.execPath, ['scripts/run/redis-server.mjs']),
  'cost of an event': () => runScript('bench:check'),
  'package tests': () => runScript('test:package'),
  'quick lanes': () => runScript('test:matrix', '--quick'),
  'integration tests': () => runScript('test:integration'),
  'chaos tests': () => runScript('test:chaos'),
  'Nest 11 and ioredis 5': () => runScript('test:lane:nest11'),
};

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const start = Date.now();
const durations = [];

for (const [name, step] of Object.entries(steps)) {
  console.log(`\n━━━ ${name} ${'━'.repeat(60 - name.length)}`);
  const stepStart = Date.now();
  step();
  durations.push(`${name.padEnd(24)}${seconds(stepStart).padStart(8)}`);
}
console.log(`\n━━━ all passed in ${seconds(start)}\n${durations.join('\n')}`);
