import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { installPackages } from '../../scripts/run/install-packages.mjs';
import { runScript } from '../../scripts/run/run.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const [root, sources, build] = ['../..', '../../src', '../../dist/esm/index.js'].map(at);
const [programs, compiled] = ['programs', 'compiled'].map(at);

/** Brings the packages, the build that is measured, and the programs that are measured, compiled. */
export async function prepare() {
  installPackages(root);
  if (!isBuilt()) runScript('build');
  await compilePrograms();
}

function isBuilt() {
  if (!existsSync(build)) return false;
  const { mtimeMs } = statSync(build);
  return readdirSync(sources, { recursive: true }).every(
    (path) => statSync(`${sources}/${path}`).mtimeMs < mtimeMs,
  );
}

/** Ahead, so that no compiler sits in the processes that are measured. */
async function compilePrograms() {
  const { transformSync } = await import('@swc/core');
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(compiled);
  for (const name of readdirSync(programs)) {
    const { code } = transformSync(readFileSync(`${programs}/${name}`, 'utf8'), {
      swcrc: false,
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: { type: 'es6' },
    });
    writeFileSync(`${compiled}/${name.replace(/\.ts$/, '.js')}`, code);
  }
}
