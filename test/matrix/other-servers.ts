import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { command, ROOT } from './command.js';

/** A server that speaks as Redis does, from the release of Debian that packages it. */
export interface OtherServer {
  readonly name: string;
  /** The package; its programs are called `<program>-cli` and `<program>-check-rdb`, which is the server as well. */
  readonly package: string;
  readonly program: string;
}

export const REDIS_8: OtherServer = { name: 'Redis 8.0', package: 'redis-tools', program: 'redis' };
export const VALKEY: OtherServer = { name: 'Valkey 8.1', package: 'valkey-tools', program: 'valkey' };

const SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** What they load, the C library and its loader included, so that any release of Linux on this processor can run them. */
const LIBRARIES = [
  'libatomic1',
  'libc6',
  'libcap2',
  'libgcc-s1',
  'libjemalloc2',
  'liblzf1',
  'libssl3t64',
  'libstdc++6',
  'libsystemd0',
  'libzstd1',
  'zlib1g',
];

/**
 * Gives the path of a server that goes by the name `redis-server`. It is downloaded with apt and unpacked into `.redis`; nothing
 * is installed, and no root is needed.
 *
 * @throws Error where there is no apt, or no Debian among its sources.
 */
export async function bringServer(server: OtherServer): Promise<string> {
  const folder = join(ROOT, '.redis', server.package === 'redis-tools' ? 'redis-8' : server.program);
  const program = join(folder, 'bin/redis-server');
  if (existsSync(program)) return program;
  const work = `${folder}-unpacking`;
  rmSync(work, { recursive: true, force: true });
  try {
    const apt = await aptOptions(join(work, 'apt'));
    await command('apt-get', [...apt, 'update']);
    const downloads = join(work, 'downloads');
    mkdirSync(downloads);
    await command('apt-get', [...apt, 'download', server.package, ...LIBRARIES], { cwd: downloads });
    for (const archive of readdirSync(downloads)) {
      await command('dpkg-deb', ['-x', join(downloads, archive), join(work, 'root')]);
    }
    writeLaunchers(work, server);
    rmSync(downloads, { recursive: true });
    rmSync(join(work, 'apt'), { recursive: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}

/** Lists and cache of our own, of one release, from the place from where this machine has its packages. */
async function aptOptions(folder: string): Promise<string[]> {
  for (const each of ['parts', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  const places = await command('apt-get', ['indextargets', '--format', '$(REPO_URI)']);
  const place = places.split('\n').find((line) => /\/debian\/?$/.test(line));
  if (!place)
    throw new Error('The sources of apt name no place of Debian: this lane needs a machine with Debian.');
  const source = { Types: 'deb', URIs: place, Suites: SUITE, Components: 'main', 'Signed-By': KEYRING };
  const lines = Object.entries(source).map(([name, value]) => `${name}: ${value}`);
  writeFileSync(join(folder, 'parts/debian.sources'), `${lines.join('\n')}\n`);
  return [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${join(folder, 'parts')}`,
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
}

/** They start the program with the loader and the libraries that were unpacked with it, wherever the folder is moved. */
function writeLaunchers(folder: string, { program }: OtherServer): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, real] of Object.entries({ 'redis-server': 'check-rdb', 'redis-cli': 'cli' })) {
    const script = [
      '#!/bin/sh',
      'root=$(cd "${0%/*}/../root/usr" && pwd)',
      'libraries=$(echo "$root"/lib/*-linux-gnu)',
      'loader=$(echo "$libraries"/ld-linux-*.so.*)',
      `exec "$loader" --argv0 ${name} --library-path "$libraries" "$root/bin/${program}-${real}" "$@"`,
    ];
    writeFileSync(join(bin, name), `${script.join('\n')}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}
