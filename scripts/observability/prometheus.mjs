import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache/prometheus', import.meta.url));

const HOW = `Neither PATH has "prometheus" and "promtool", nor can they be brought by apt-get here. Either
  - on Debian or Ubuntu: apt-get update && apt-get install prometheus   (as root), or
  - unpack a release of Prometheus and put its folder on PATH,
and run this again.`;

/**
 * Finds Prometheus and promtool: on PATH, or in the Debian package, which is unpacked into a cache of the project;
 * nothing is installed, no service is started.
 *
 * @returns {{ prometheus: string, promtool: string }}
 */
export function bringPrometheus() {
  if (runs('prometheus') && runs('promtool')) return { prometheus: 'prometheus', promtool: 'promtool' };
  const bin = join(cache, 'usr', 'bin');
  if (!existsSync(bin)) unpack();
  return { prometheus: join(bin, 'prometheus'), promtool: join(bin, 'promtool') };
}

function unpack() {
  console.log(`Unpacking the Debian package prometheus into ${cache}`);
  mkdirSync(dirname(cache), { recursive: true });
  const work = mkdtempSync(`${cache}-`);
  try {
    const apt = (...args) => command('apt-get', ['-o', 'APT::Sandbox::User=root', ...args], work);
    // Without package lists there is nothing to download from. Lists of our own need no root and change nothing of the system.
    const own = ownFolders(join(work, 'apt'));
    if (!apt('download', 'prometheus') && !(apt(...own, 'update') && apt(...own, 'download', 'prometheus')))
      give();
    const [archive] = readdirSync(work).filter((file) => file.endsWith('.deb'));
    if (!archive || !command('dpkg-deb', ['-x', archive, 'unpacked'], work)) give();
    renameSync(join(work, 'unpacked'), cache);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function ownFolders(folder) {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  const settings = [`Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`, 'Debug::NoLocking=true'];
  return settings.flatMap((setting) => ['-o', setting]);
}

function give() {
  throw new Error(HOW);
}

function runs(program) {
  return command(program, ['--version']);
}

function command(program, args, cwd) {
  return spawnSync(program, args, { cwd, stdio: 'ignore', timeout: 120_000 }).status === 0;
}
