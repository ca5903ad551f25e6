import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How long one test of each kind may take, in milliseconds. */
const TIMEOUTS = { unit: 5_000, integration: 60_000, chaos: 120_000, package: 120_000, pods: 900_000 };

const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        keepClassNames: true,
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};

const fromSources = {
  '^@redis-resilient/nestjs$': '<rootDir>/src/index.ts',
  '^@redis-resilient/nestjs/(testing|metrics)$': '<rootDir>/src/$1/index.ts',
  '^(\\.{1,2}/.*)\\.js$': '$1',
};

const packed = '<rootDir>/node_modules/.packed/package/dist/esm';

/** Takes the package from what `scripts/pack.mjs` has packed, and its parts too, where a test looks at one. */
export const fromTarball = {
  '^@redis-resilient/nestjs$': `${packed}/index.js`,
  '^@redis-resilient/nestjs/(testing|metrics)$': `${packed}/$1/index.js`,
  '^(?:\\.{1,2}/)+src/(.*)\\.js$': `${packed}/$1.js`,
};

/**
 * One Jest project per kind of test (`test/<kind>/**`).
 *
 * @param overrides.kinds which kinds; all of them by default
 * @param overrides.moduleNameMapper mappings that go before those to the sources
 */
export function defineProjects({ kinds = Object.keys(TIMEOUTS), moduleNameMapper = {}, ...rest } = {}) {
  return kinds.map((kind) => ({
    rootDir: root,
    displayName: kind,
    testEnvironment: 'node',
    testMatch: [`<rootDir>/test/${kind}/**/*.test.ts`],
    extensionsToTreatAsEsm: ['.ts'],
    // Sources name their neighbours by the extension of the build; Jest reads the sources themselves.
    moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
    // Named twice: the first gives the order, the last the value.
    moduleNameMapper: { ...moduleNameMapper, ...fromSources, ...moduleNameMapper },
    modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.redis/'],
    transform,
    // Jest reads `testTimeout` from the top level only, so each project passes its own to a set-up file.
    globals: { TEST_TIMEOUT: TIMEOUTS[kind] },
    setupFilesAfterEnv: ['<rootDir>/scripts/jest/timeout.mjs'],
    ...rest,
  }));
}
