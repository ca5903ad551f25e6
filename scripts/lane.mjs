/**
 * Runs the integration and chaos tests on what npm would publish, with the versions that a folder of `test/lanes` asks for, and
 * checks the types of the sources against them:
 *
 *     node scripts/lane.mjs nest11 [further arguments for Jest]
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { installPackages } from './run/install-packages.mjs';
import { run, runScript } from './run/run.mjs';

const [lane, ...jestArguments] = process.argv.slice(2);
const folder = fileURLToPath(new URL(`../test/lanes/${lane}`, import.meta.url));

if (existsSync(join(folder, 'package.json'))) installPackages(folder);
if (existsSync(join(folder, 'tsconfig.json'))) {
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]);
}
run(process.execPath, ['scripts/pack.mjs']);
runScript('jest', '--config', `${folder}/jest.config.mjs`, '--maxWorkers=2', ...jestArguments);
