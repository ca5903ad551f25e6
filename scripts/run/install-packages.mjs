import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from './run.mjs';

/** Brings `node_modules` of a folder to what its lock file says. Does nothing when it is so already. */
export function installPackages(folder) {
  if (isInstalled(folder)) return;
  console.log(`Installing the packages of ${join(folder, 'package-lock.json')} ...`);
  run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], folder);
}

function isInstalled(folder) {
  // npm writes down here what it has installed, in the form of the lock file.
  const record = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(join(folder, 'package-lock.json'))).every(
    ([path, { version, optional, peer }]) =>
      path === '' || installed[path]?.version === version || ((optional || peer) && !installed[path]),
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}
