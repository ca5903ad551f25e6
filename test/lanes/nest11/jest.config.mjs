import { defineProjects, fromTarball } from '../../../scripts/jest/projects.mjs';

const resolver = '<rootDir>/test/lanes/nest11/resolver.cjs';
const moduleNameMapper = fromTarball;

// For the processes that tests start, the soak among them.
process.env['REDIS_RESILIENT_LANE'] = new URL('package.json', import.meta.url).href;

/** The behaviour again, of what npm would publish, on the oldest majors we support. */
export default {
  rootDir: '../../..',
  projects: [
    ...defineProjects({
      kinds: ['integration'],
      // What tests the topologies themselves knows neither Nest nor ioredis.
      testMatch: ['<rootDir>/test/integration/!(testing-)*.test.ts'],
      resolver,
      moduleNameMapper,
    }),
    ...defineProjects({ kinds: ['chaos'], resolver, moduleNameMapper }),
    ...defineProjects({
      kinds: ['unit'],
      displayName: 'lane',
      testMatch: ['<rootDir>/test/lanes/{nest11,packed}.test.ts'],
      resolver,
      moduleNameMapper,
    }),
  ],
  reporters: ['default', '<rootDir>/scripts/jest/no-skipped-tests.mjs'],
};
