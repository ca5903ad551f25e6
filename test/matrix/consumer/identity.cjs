/** A process that loads the package both ways has one of each class. */
const assert = require('node:assert/strict');
const { join } = require('node:path');

const PACKAGE = '@redis-resilient/nestjs';

async function main() {
  for (const entry of [PACKAGE, `${PACKAGE}/testing`]) {
    const required = require(entry);
    const imported = await import(entry);
    assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
    for (const name of Object.keys(required)) assert.equal(required[name], imported[name], name);
  }

  // A loader that knows neither `module-sync` nor `import` gets CommonJS: other classes, the same tokens and brands.
  const one = require(PACKAGE);
  const other = require(join(__dirname, 'node_modules', PACKAGE, 'dist/cjs/index.js'));
  assert.notEqual(one.RedisResilientModule, other.RedisResilientModule);
  assert.deepEqual(Object.keys(one).sort(), Object.keys(other).sort());
  const tokenFrom = (copy) => copy.getRedisResilientToken(copy.RedisResilientMonitor, 'orders');
  assert.equal(tokenFrom(one), tokenFrom(other));
  assert.equal(one.getTransportId(), other.getTransportId());
  try {
    other.RedisResilientModule.forRoot({});
    assert.fail('Options without `redis` were taken.');
  } catch (error) {
    assert.ok(!(error instanceof one.RedisResilientOptionsError));
    assert.ok(one.isRedisResilientError(error));
  }
  console.log('one class of each');
}

void main();
