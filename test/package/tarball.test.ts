import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

type Conditions = Record<'module-sync' | 'import' | 'require', { types: string; default: string }>;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'node_modules/.packed/package');
const tarball = join(root, 'node_modules/.packed/package.tgz');

const LARGEST_DOWNLOAD = 500_000;
const LARGEST_INSTALLATION = 3_000_000;

let files: string[];
let manifest: { exports: Record<string, Conditions | string>; main: string; types: string };
let entries: [string, Conditions][];

function run(...args: string[]): { status: number | null; output: string } {
  const child = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { status: child.status, output: child.stdout + child.stderr };
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));
}

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const sizes = (): number => files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

beforeAll(() => {
  expect(run('scripts/pack.mjs')).toMatchObject({ status: 0 });
  files = filesBelow(folder).sort();
  manifest = JSON.parse(read('package.json')) as typeof manifest;
  entries = Object.entries(manifest.exports).filter(
    (entry): entry is [string, Conditions] => typeof entry[1] === 'object',
  );
}, 120_000);

describe('the tarball', () => {
  it('holds each source as JavaScript, types and source map, for both module systems, and nothing else', () => {
    const sources = filesBelow(join(root, 'src')).map((file) => file.replace(/\.ts$/, ''));
    const built = ['esm', 'cjs'].flatMap((system) =>
      sources.flatMap((source) =>
        ['js', 'js.map', 'd.ts'].map((extension) => `dist/${system}/${source}.${extension}`),
      ),
    );
    const around = ['LICENSE', 'README.md', 'package.json', 'dist/cjs/package.json'];
    expect(files).toEqual([...around, ...built].sort());
  });

  it('is small', () => {
    expect(statSync(tarball).size).toBeLessThan(LARGEST_DOWNLOAD);
    expect(sizes()).toBeLessThan(LARGEST_INSTALLATION);
  });

  it('has source maps that bring their source along', () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    const withoutSource = maps.filter((file) => {
      const { sources, sourcesContent } = JSON.parse(read(file)) as Record<string, string[]>;
      return !sources?.length || sources.length !== sourcesContent?.filter(Boolean).length;
    });
    expect(maps.length).toBeGreaterThan(0);
    expect(withoutSource).toEqual([]);
  });

  it('has every file that its package.json names, and an entry for each of the sources', () => {
    const named = [
      manifest.main,
      manifest.types,
      ...entries.flatMap(([, conditions]) =>
        Object.values(conditions).flatMap((each) => Object.values(each)),
      ),
    ];
    expect(named.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
    const rooms = filesBelow(join(root, 'src')).filter((file) => /^\w+\/index\.ts$/.test(file));
    expect(entries.map(([name]) => name).sort()).toEqual(
      ['.', ...rooms.map((file) => `./${file.split('/')[0] ?? ''}`)].sort(),
    );
  });

  it('says of each folder which module system it is in', () => {
    expect(JSON.parse(read('package.json'))).toMatchObject({ type: 'module' });
    expect(JSON.parse(read('dist/cjs/package.json'))).toEqual({ type: 'commonjs' });
  });

  it('satisfies publint', () => {
    const { status, output } = run('node_modules/publint/src/cli.js', 'run', tarball, '--strict');
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('All good!') });
  });

  it('has types that resolve as its JavaScript does, wherever TypeScript looks', () => {
    const { status, output } = run('node_modules/@arethetypeswrong/cli/dist/index.js', tarball);
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringContaining('No problems found'),
    });
  });
});
