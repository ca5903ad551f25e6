import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkImports } from '../../scripts/imports/check.mjs';

/** A source tree: text by path. */
type Tree = Record<string, string>;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function plant(tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The violations of the good house with these files put into it. */
function violationsWith(tree: Tree): string {
  plant({ ...goodHouse, ...tree });
  return checkImports(folder).violations.join('\n');
}

const something = 'export const something = 1;\n';
const uses = (specifier: string) =>
  `import { something } from '${specifier}';\nexport const other = something;\n`;
const usesType = (specifier: string) =>
  `import type { Some } from '${specifier}';\nexport type Other = Some;\n`;

/** A house in good order: every room uses all it may. */
const goodHouse: Tree = {
  'index.ts': `export { other } from './nest/module.js';\nexport { other as b } from './transport/server.js';\n`,
  'nest/module.ts': `${uses('../transport/server.js')}import { Module } from '@nestjs/common';\nvoid Module;\n`,
  'transport/server.ts': `${uses('../redis/link.js')}import type { Redis } from 'ioredis';\nexport type R = Redis;\n`,
  'health/indicator.ts': `import { x } from '@nestjs/terminus';\nexport const y = x;\n`,
  'metrics/index.ts': `export { other } from './prometheus.js';\n`,
  'metrics/prometheus.ts': `${uses('../channels.js')}import { Gauge } from 'prom-client';\nvoid Gauge;\n`,
  'redis/link.ts': `${uses('../subscription/state.js')}import { Redis } from 'ioredis';\nvoid Redis;\n`,
  'subscription/state.ts': [
    uses('../options.js'),
    'export const least = Math.min(1, 2);',
    'export const at = (moment: { Date: number; setTimeout: number }) => moment.Date + moment.setTimeout;',
    'export const span = (performance: number, when?: Date) => [performance, when];\n',
  ].join('\n'),
  'options.ts': `${uses('./errors.js')}import type { RedisOptions } from 'ioredis';\nexport type O = RedisOptions;\n`,
  'errors.ts': something,
  'channels.ts': `import { channel } from 'node:diagnostics_channel';\n${something}void channel;\n`,
  'testing/index.ts': `export { other } from './server.js';\n`,
  'testing/server.ts': `import { spawn } from 'node:child_process';\nexport const other = spawn;\n`,
};

describe('the import rules', () => {
  it('have nothing to object to in a house in good order', () => {
    plant(goodHouse);
    expect(checkImports(folder)).toEqual({ files: 13, violations: [] });
  });

  it('end the command with an error when broken', () => {
    plant({ ...goodHouse, 'redis/bad.ts': uses('../transport/server.js') });
    const run = spawnSync(process.execPath, ['scripts/check-imports.mjs', folder], { encoding: 'utf8' });
    expect(run.stderr).toContain('redis/bad.ts:1 redis may not import transport');
    expect(run.status).toBe(1);
  });

  it.each<[string, Tree, string]>([
    [
      'a room that uses one above it',
      { 'redis/bad.ts': uses('../transport/server.js') },
      'redis/bad.ts:1 redis may not import transport',
    ],
    [
      'a type taken from a room above',
      { 'redis/bad.ts': usesType('../nest/module.js') },
      'redis/bad.ts:1 redis may not import nest',
    ],
    [
      'a room that uses its neighbour',
      { 'health/bad.ts': uses('../transport/server.js') },
      'health/bad.ts:1 health may not import transport',
    ],
    [
      'a room that uses the index',
      { 'nest/bad.ts': uses('../index.js') },
      'nest/bad.ts:1 nest may not import index',
    ],
    [
      'an upward import() in the middle of a file',
      { 'redis/bad.ts': `${something}void import('../nest/module.js');\n` },
      'redis/bad.ts:2 redis may not import nest',
    ],
    [
      'an upward type written as import()',
      { 'redis/bad.ts': `export type T = import('../nest/module.js').T;\n` },
      'redis/bad.ts:1 redis may not import nest',
    ],
    [
      'a leaf that uses a room',
      { 'errors.ts': uses('./redis/link.js') },
      'errors.ts:1 errors is a leaf: it imports no room',
    ],
    [
      'a leaf with a value of ioredis',
      { 'options.ts': `import { Redis } from 'ioredis';\n${something}void Redis;\n` },
      'options.ts:1 options may import only types of ioredis',
    ],
    [
      'a leaf with a value of Nest',
      { 'options.ts': `import { Logger, type Type } from '@nestjs/common';\n${something}` },
      'options.ts:1 options may import only types of Nest',
    ],
    [
      'a value of ioredis outside redis',
      { 'transport/bad.ts': uses('ioredis') },
      'transport/bad.ts:1 transport may import only types of ioredis',
    ],
    [
      'a value of a part of ioredis outside redis',
      { 'nest/bad.ts': uses('ioredis/built/utils.js') },
      'nest/bad.ts:1 nest may import only types of ioredis',
    ],
    [
      'Nest in redis',
      { 'redis/bad.ts': usesType('@nestjs/common') },
      'redis/bad.ts:1 redis may not import Nest',
    ],
    [
      'Nest in testing',
      { 'testing/bad.ts': uses('@nestjs/testing') },
      'testing/bad.ts:1 testing may not import Nest',
    ],
    [
      'jest in testing',
      { 'testing/bad.ts': uses('@jest/globals') },
      'testing/bad.ts:1 testing may not import jest',
    ],
    ['jest in redis', { 'redis/bad.ts': uses('@jest/globals') }, 'redis/bad.ts:1 redis may not import jest'],
    [
      'prom-client outside metrics',
      { 'health/bad.ts': usesType('prom-client') },
      'health/bad.ts:1 health may not import prom-client',
    ],
    [
      'a room that uses testing',
      { 'redis/bad.ts': uses('../testing/server.js') },
      'redis/bad.ts:1 testing stands apart: nothing of src imports it',
    ],
    [
      'testing that uses a leaf',
      { 'testing/bad.ts': uses('../errors.js') },
      'testing/bad.ts:1 testing stands apart: it imports nothing else of src',
    ],
    [
      'a cycle',
      { 'redis/a.ts': uses('./b.js'), 'redis/b.ts': uses('./c.js'), 'redis/c.ts': usesType('./a.js') },
      'redis/a.ts:1 a cycle: redis/a.ts → redis/b.ts → redis/c.ts → redis/a.ts',
    ],
    [
      'a file that imports itself',
      { 'redis/a.ts': uses('./a.js') },
      'redis/a.ts:1 a cycle: redis/a.ts → redis/a.ts',
    ],
    ['export *', { 'redis/bad.ts': `${something}export * from './link.js';\n` }, 'redis/bad.ts:2 `export *`'],
    [
      'export * as a name',
      { 'redis/bad.ts': `${something}export * as link from './link.js';\n` },
      'redis/bad.ts:2 `export *`',
    ],
    ['a folder barrel called index.ts', { 'redis/index.ts': something }, 'redis/index.ts:1 a folder barrel'],
    [
      'a folder barrel by another name',
      { 'redis/all.ts': `export { other } from './link.js';\n` },
      'redis/all.ts:1 a folder barrel',
    ],
    ['a room nobody planned', { 'utils/a.ts': something }, "utils/a.ts:1 'utils' is no room"],
    ['a file nobody planned', { 'helpers.ts': something }, "helpers.ts:1 'helpers' is no room"],
    [
      'a file outside the sources',
      { 'redis/bad.ts': uses('../../test/support.js') },
      "redis/bad.ts:1 '../../test/support.js' is no file of the sources",
    ],
  ])('report %s', (_, tree, expected) => {
    expect(violationsWith(tree)).toContain(expected);
  });

  it.each(['node:timers', 'ioredis', 'rxjs', '@nestjs/common', 'any-package'])(
    'report %s in subscription, even its types',
    (specifier) => {
      const report = violationsWith({ 'subscription/bad.ts': usesType(specifier) });
      expect(report).toContain('subscription/bad.ts:1 subscription is pure: it imports no package');
    },
  );

  it.each([
    ['Date', 'Date.now()'],
    ['Date', 'new Date()'],
    ['performance', 'performance.now()'],
    ['setTimeout', 'setTimeout(() => 1, 1)'],
    ['setInterval', '[setInterval]'],
    ['setImmediate', '{ setImmediate }'],
    ['queueMicrotask', 'queueMicrotask(() => 1)'],
    ['Math.random', 'Math.random()'],
    ['process', 'process.hrtime()'],
    ['globalThis', "globalThis['Da' + 'te']"],
    ['crypto', 'crypto.randomUUID()'],
  ])('report %s in subscription, as in %s', (name, expression) => {
    const report = violationsWith({
      'subscription/bad.ts': `${something}export const x = ${expression};\n`,
    });
    expect(report).toContain(`subscription/bad.ts:2 subscription is pure: it may not use ${name}`);
  });
});
