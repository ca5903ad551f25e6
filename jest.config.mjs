import { defineProjects } from './scripts/jest/projects.mjs';

/** Every kind of test, each with the deadline that fits it; one kind alone: `--selectProjects <kind>`. */
export default {
  projects: defineProjects(),
  reporters: ['default', '<rootDir>/scripts/jest/no-skipped-tests.mjs'],
};
