import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { runCommand } from './run-command.js';
import { guardFolder, releaseFolder } from './watchdog.js';

/** What is unpacked where. */
export interface UnpackOptions {
  /** The folder of the project in which it is unpacked. */
  folder: string;
  /** The name of what is unpacked, inside that folder. */
  name: string;
  /** Is told, in one line each, what is about to be done. */
  say: (line: string) => void;
}

const PACKAGE = 'redis-tools';
/** What it needs on every release of Debian and Ubuntu so far, should apt be unable to say so. */
const USUAL_LIBRARIES = ['liblzf1', 'libjemalloc2'];
const DOWNLOAD_TIMEOUT = 120_000;

/**
 * Downloads the package `redis-tools` and the libraries it needs and this machine lacks, and unpacks them
 * without installing anything. It happens in a folder of its own that is renamed at the end: nobody ever sees
 * half of it.
 *
 * @throws Error when this is no Debian or Ubuntu, or the package cannot be downloaded.
 */
export async function unpackDebianPackage({ folder, name, say }: UnpackOptions): Promise<void> {
  if (!(await isThere('apt-get')) || !(await isThere('dpkg-deb'))) {
    throw new Error('there is no apt-get here to bring one with.');
  }
  const work = join(folder, `unpacking-${randomBytes(4).toString('hex')}`);
  guardFolder(work);
  try {
    const downloads = join(work, 'downloads');
    const unpacked = join(work, name);
    await mkdir(downloads, { recursive: true });
    await writeFile(join(folder, '.gitignore'), '*\n');
    await download(downloads, join(work, 'apt'), say);
    say(`Unpacking them into ${join(folder, name)}`);
    for (const archive of await readdir(downloads)) {
      if (archive.endsWith('.deb')) await must('dpkg-deb', ['-x', join(downloads, archive), unpacked]);
    }
    await writeLaunchers(unpacked);
    await rename(unpacked, join(folder, name)).catch((error: unknown) => {
      if (!existsSync(join(folder, name))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
    releaseFolder(work);
  }
}

/** With the package lists that are here; where there are none, or stale ones, with lists of our own. */
async function download(downloads: string, aptFolder: string, say: UnpackOptions['say']): Promise<void> {
  say(
    'Downloading the package redis-tools (it holds redis-server; nothing is installed, no service is started)',
  );
  if (await downloadWith([], downloads)) return;
  say('Fetching the package lists of apt first, into a folder of the project');
  const own = await ownAptFolders(aptFolder);
  await must('apt-get', [...own, 'update'], DOWNLOAD_TIMEOUT);
  if (await downloadWith(own, downloads)) return;
  throw new Error('apt-get cannot download the package redis-tools.');
}

async function downloadWith(aptOptions: string[], downloads: string): Promise<boolean> {
  const names = await neededPackages(aptOptions);
  const args = [...aptOptions, '-o', 'APT::Sandbox::User=root', 'download', ...names];
  const { code } = await runCommand('apt-get', args, { cwd: downloads, timeout: DOWNLOAD_TIMEOUT });
  return code === 0;
}

/** What apt would install along with it, were it to install it. */
async function neededPackages(aptOptions: string[]): Promise<string[]> {
  const args = [...aptOptions, '--simulate', '--no-install-recommends', 'install', PACKAGE];
  const { stdout } = await runCommand('apt-get', args, { env: { ...process.env, LC_ALL: 'C' } });
  const names = [...stdout.matchAll(/(?<=^Inst )\S+/gm)].map(([name]) => name);
  return names.includes(PACKAGE) ? names : [PACKAGE, ...USUAL_LIBRARIES];
}

/** So that apt neither needs root nor changes what the system knows. */
async function ownAptFolders(aptFolder: string): Promise<string[]> {
  const lists = join(aptFolder, 'lists');
  const cache = join(aptFolder, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const settings = [
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${cache}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
  ];
  return settings.flatMap((setting) => ['-o', setting]);
}

/**
 * `redis-server` is `redis-check-rdb` called by that name. The launchers beside it make it find its
 * libraries, wherever the folder is moved.
 */
async function writeLaunchers(unpacked: string): Promise<void> {
  const programs = join(unpacked, 'usr', 'bin');
  if (!existsSync(join(programs, 'redis-server')))
    await symlink('redis-check-rdb', join(programs, 'redis-server'));
  const libraries = (await libraryFolders(unpacked)).map((path) => `$root/${path}`).join(':');
  const bin = join(unpacked, 'bin');
  await mkdir(bin);
  for (const program of ['redis-server', 'redis-cli']) {
    const script = [
      '#!/bin/sh',
      'root=$(cd "${0%/*}/.." && pwd)',
      `LD_LIBRARY_PATH="${libraries}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`,
      'export LD_LIBRARY_PATH',
      `exec "$root/usr/bin/${program}" "$@"`,
    ];
    await writeFile(join(bin, program), `${script.join('\n')}\n`);
    await chmod(join(bin, program), 0o755);
  }
}

async function libraryFolders(unpacked: string): Promise<string[]> {
  const files = await readdir(unpacked, { recursive: true });
  const libraries = files.filter((file) => /\.so(\.\d+)*$/.test(file));
  return [...new Set(libraries.map((file) => dirname(file)))];
}

async function isThere(program: string): Promise<boolean> {
  return (await runCommand(program, ['--version'])).code === 0;
}

async function must(program: string, args: string[], timeout?: number): Promise<void> {
  const { code, stderr } = await runCommand(program, args, timeout === undefined ? {} : { timeout });
  if (code !== 0) throw new Error(`${program} failed: ${stderr.trim().split('\n').at(-1)}`);
}
