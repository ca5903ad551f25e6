import { defineProjects, fromTarball } from '../../../scripts/jest/projects.mjs';

const resolver = '<rootDir>/test/lanes/nest11/resolver.cjs';
const moduleNameMapper = fromTarball;

/** The behaviour again, of what npm would publish, on the oldest majors we support. */
export default {
  rootDir: '../../..',
  projects: [
    ...defineProjects({
      kinds: ['integration'],
      // What tests the topologies themselves knows neither Nest nor ioredis; a process of its own has the project's packages.
      testMatch: ['<rootDir>/test/integration/!(testing-|process-)*.test.ts'],
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
