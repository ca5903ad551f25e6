import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

const require = createRequire(import.meta.url);

describe('a lane', () => {
  it.each([
    '@redis-resilient/nestjs',
    '@redis-resilient/nestjs/testing',
    '@redis-resilient/nestjs/metrics',
    '../../src/redis/engine.js',
  ])('takes %s from what npm would publish', (name) => {
    expect(require.resolve(name)).toContain('/node_modules/.packed/package/dist/esm/');
  });
});
