import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

type Conditions = Record<'module-sync' | 'import' | 'require', { types: string; default: string }>;

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, Conditions | string>;
};
const entries = Object.entries(manifest.exports).filter(
  (entry): entry is [string, Conditions] => typeof entry[1] === 'object',
);

/** A project that has this package, and what this package needs, among its node_modules. */
let consumer: string;

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), 'consumer-'));
  const installed = join(consumer, 'node_modules', manifest.name);
  mkdirSync(join(installed, '..'), { recursive: true });
  symlinkSync(root, installed);
  expect(run('scripts/build.mjs')).toEqual({ status: 0, output: '' });
}, 120_000);

afterAll(() => {
  rmSync(consumer, { recursive: true });
});

function run(...args: string[]): { status: number | null; output: string } {
  const child = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { status: child.status, output: child.stdout + child.stderr };
}

function runInConsumer(file: string, text: string): { status: number | null; output: string } {
  writeFileSync(join(consumer, file), text);
  return run(join(consumer, file));
}

describe('the built package', () => {
  it('has every file that its exports name', () => {
    const named = entries.flatMap(([, conditions]) =>
      Object.values(conditions).flatMap((files) => Object.values(files)),
    );
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('exports every entry point of the sources', () => {
    const rooms = ['testing', 'metrics'].filter((room) => existsSync(join(root, 'src', room, 'index.ts')));
    expect(entries.map(([name]) => name)).toEqual(['.', ...rooms.map((room) => `./${room}`)]);
  });

  it('gives import and require one and the same class', () => {
    const { output } = runInConsumer(
      'both.cjs',
      `const required = require('${manifest.name}');
       import('${manifest.name}').then((imported) => {
         console.log(typeof required.RedisResilientModule, required.RedisResilientModule === imported.RedisResilientModule);
       });`,
    );
    expect(output).toContain('function true');
  });

  it('falls back to CommonJS for a loader that knows neither module-sync nor import', () => {
    const { output } = runInConsumer(
      'fallback.cjs',
      `const { join } = require('node:path');
       const fallback = require(join(${JSON.stringify(root)}, 'dist/cjs/index.js'));
       console.log(typeof fallback.RedisResilientModule, fallback === require('${manifest.name}'));`,
    );
    expect(output).toContain('function false');
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])('type-checks in a consumer with module %s and resolution %s', (module, moduleResolution) => {
    const imports = entries.map(
      ([name], index) =>
        `import * as entry${index} from '${name.replace('.', manifest.name)}';\nvoid entry${index};\n`,
    );
    writeFileSync(join(consumer, 'esm.mts'), imports.join(''));
    writeFileSync(join(consumer, 'commonjs.cts'), imports.join(''));
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      strict: true,
      noEmit: true,
      types: [],
    };
    writeFileSync(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, skipLibCheck: true },
        files: ['esm.mts', 'commonjs.cts'],
      }),
    );
    expect(run('node_modules/typescript/bin/tsc', '-p', consumer)).toEqual({ status: 0, output: '' });
  });
});
