import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './command.js';

/** Package → version. */
export type Versions = Readonly<Record<string, string>>;

interface Manifest {
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
}

const { peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as Manifest;
const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);

/** The oldest version that a range allows: `^11 || ^12` → `11.0.0`. */
function oldestOf(range: string): string {
  const [version = ''] = /\d+(\.\d+)*/.exec(range) ?? [];
  return [...version.split('.'), '0', '0'].slice(0, 3).join('.');
}

function lockedIn(lockFile: string, name: string): string {
  const { packages } = JSON.parse(readFileSync(join(ROOT, lockFile), 'utf8')) as {
    packages: Record<string, { version: string } | undefined>;
  };
  const found = packages[`node_modules/${name}`];
  if (!found) throw new Error(`${lockFile} has no ${name}.`);
  return found.version;
}

function withHttp(versionOf: (name: string) => string): Versions {
  return Object.fromEntries([
    ...peers.map((name) => [name, versionOf(name)]),
    ['@nestjs/platform-express', versionOf('@nestjs/core')],
  ]) as Versions;
}

/** The oldest of everything that package.json allows. */
export const OLDEST = withHttp((name) => oldestOf(peerDependencies[name] ?? ''));
/** The newest minor of the oldest majors. */
export const NEST_11 = withHttp((name) => lockedIn('test/lanes/nest11/package-lock.json', name));
/** What this project is developed with. */
export const NEWEST = withHttp((name) => lockedIn('package-lock.json', name));

/** The version as it stands in the table: only the oldest are exact there, so that an update of the others leaves it as it is. */
export function shownVersion(versions: Versions, name: string): string {
  const version = versions[name] ?? '';
  return versions === OLDEST ? version : (version.split('.')[0] ?? '');
}

export const PROM_CLIENT: Versions = { 'prom-client': lockedIn('package-lock.json', 'prom-client') };
export const JEST: Versions = { jest: lockedIn('package-lock.json', 'jest') };
export const VITEST: Versions = { vitest: '4.1.12' };
export const TYPESCRIPT = { '5.9': '5.9.3', '6.0': '6.0.3', '7.0': '7.0.2' } as const;
