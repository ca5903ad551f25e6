/**
 * Checks the types and runs the integration tests against the versions that a folder of `test/lanes` asks for:
 *
 *     node scripts/lane.mjs nest11 [further arguments for Jest]
 */
import { fileURLToPath } from 'node:url';

import { installPackages } from './run/install-packages.mjs';
import { run, runScript } from './run/run.mjs';

const [lane, ...jestArguments] = process.argv.slice(2);
const folder = fileURLToPath(new URL(`../test/lanes/${lane}`, import.meta.url));

installPackages(folder);
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]);
runScript('jest', '--config', `${folder}/jest.config.mjs`, '--maxWorkers=2', ...jestArguments);
