/** prom-client is optional: all else works without it, and what needs it says so. */
const assert = require('node:assert/strict');

assert.throws(() => require.resolve('prom-client'));
require('@redis-resilient/nestjs');
require('@redis-resilient/nestjs/testing');
import('@redis-resilient/nestjs/metrics').then(
  () => assert.fail('The metrics were loaded without prom-client.'),
  (error) => {
    assert.match(String(error), /prom-client/);
    console.log('works without prom-client');
  },
);
