import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import { bringRedisServer, type RedisServer } from '../../src/testing/index.js';
import { makeConsumer } from '../support/consumer.js';
import { root } from '../support/markdown.js';
import { together } from '../support/together.js';

const example = join(root, 'examples/08-testing-a-failover');
const SWC = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
const JEST = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\./.*)\\.js$': '$1' },
  transform: { '\\.ts$': ['@swc/jest', SWC] },
};
const consumers: string[] = [];
let server: RedisServer;

/** Runs the example in a project of its own, as a user would, and gives what the runner says. */
async function run(
  files: Record<string, string>,
  ...args: string[]
): Promise<{ code: unknown; output: string }> {
  const folder = makeConsumer();
  consumers.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { NODE_OPTIONS: _, JEST_WORKER_ID: __, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, NO_COLOR: '1', NODE_ENV: 'test', REDIS_SERVER: server.program },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, output };
}

function sources(from: string): Record<string, string> {
  const read = (name: string): string => readFileSync(join(example, name), 'utf8');
  return {
    'orders.controller.ts': read('orders.controller.ts'),
    'orders.test.ts': read('orders.test.ts').replace("from '@jest/globals'", `from '${from}'`),
  };
}

describe('The test of a handler that survives a failover', () => {
  beforeAll(async () => {
    server = await bringRedisServer();
  });
  afterAll(() => {
    for (const folder of consumers) rmSync(folder, { recursive: true });
  });

  together({
    'runs with Jest': async () => {
      const files = { ...sources('@jest/globals'), 'jest.config.json': JSON.stringify(JEST) };
      const jest = ['--experimental-vm-modules', join(root, 'node_modules/jest/bin/jest.js')];
      const { code, output } = await run(files, ...jest, '-c', 'jest.config.json');
      expect(output).toMatch(/Tests: +1 passed, 1 total/);
      expect(code).toBe(0);
    },

    'runs with Vitest': async () => {
      const tsconfig = { compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } };
      const files = { ...sources('vitest'), 'tsconfig.json': JSON.stringify(tsconfig) };
      const { code, output } = await run(files, join(root, 'node_modules/vitest/vitest.mjs'), 'run');
      expect(output).toMatch(/Tests +1 passed/);
      expect(code).toBe(0);
    },
  });
});
