/**
 * Packs what npm would publish: into `node_modules/.packed`, as `package.tgz` and, unpacked beside it, as `package`. Does nothing
 * where the last one is younger than everything that goes into it.
 *
 *     node scripts/pack.mjs
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './run/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'node_modules/.packed');
const tarball = join(folder, 'package.tgz');

/** A folder is younger when something was put into it or taken away. */
function youngest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => youngest(join(path, name))));
}

const ingredients = [
  'LICENSE',
  'README.md',
  'package.json',
  'scripts/build.mjs',
  'src',
  'tsconfig.build.json',
  'tsconfig.cjs.json',
  'tsconfig.json',
];
const isFresh =
  existsSync(join(root, 'dist/cjs/package.json')) &&
  existsSync(tarball) &&
  statSync(tarball).mtimeMs > Math.max(...ingredients.map((name) => youngest(join(root, name))));

if (!isFresh) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('npm', ['pack', '--loglevel=error', '--pack-destination', folder]);
  const [packed] = readdirSync(folder);
  run('tar', ['-xzf', join(folder, packed), '-C', folder]);
  // The last step: where there is a tarball of this name, all is there.
  renameSync(join(folder, packed), tarball);
}
