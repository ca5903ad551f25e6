import { defineProjects } from '../../../scripts/jest/projects.mjs';

/** The integration tests again, on the oldest majors we support. */
export default {
  rootDir: '../../..',
  projects: [
    ...defineProjects({
      kinds: ['integration'],
      // What tests the topologies themselves knows neither Nest nor ioredis; a process of its own has the project's packages.
      testMatch: ['<rootDir>/test/integration/!(testing-|process-)*.test.ts'],
      resolver: '<rootDir>/test/lanes/nest11/resolver.cjs',
    }),
    ...defineProjects({
      kinds: ['unit'],
      displayName: 'lane',
      testMatch: ['<rootDir>/test/lanes/nest11.test.ts'],
      resolver: '<rootDir>/test/lanes/nest11/resolver.cjs',
    }),
  ],
  reporters: ['default', '<rootDir>/scripts/jest/no-skipped-tests.mjs'],
};
