import { readFileSync } from 'node:fs';

import { bringRedisServer } from '../../src/testing/index.js';

/**
 * The versions of Node.js, Redis and packages.
 *
 * @param packages of the project
 * @param further packages elsewhere: name → folder, relative to this file
 */
export async function readVersions(
  packages: readonly string[],
  further: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {
    'Node.js': process.versions.node,
    Redis: (await bringRedisServer()).version,
  };
  for (const name of packages) versions[name] = versionOf(`../../node_modules/${name}`);
  for (const [name, folder] of Object.entries(further)) versions[name] = versionOf(folder);
  return versions;
}

function versionOf(folder: string): string {
  const file = new URL(`${folder}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
