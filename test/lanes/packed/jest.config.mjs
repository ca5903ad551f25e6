import { defineProjects, fromTarball } from '../../../scripts/jest/projects.mjs';

const moduleNameMapper = fromTarball;

/** The behaviour again, of what npm would publish, on the newest majors. */
export default {
  rootDir: '../../..',
  projects: [
    ...defineProjects({ kinds: ['integration', 'chaos'], moduleNameMapper }),
    ...defineProjects({
      kinds: ['unit'],
      displayName: 'lane',
      testMatch: ['<rootDir>/test/lanes/packed.test.ts'],
      moduleNameMapper,
    }),
  ],
  reporters: ['default', '<rootDir>/scripts/jest/no-skipped-tests.mjs'],
};
