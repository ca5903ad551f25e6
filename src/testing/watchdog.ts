import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Reads the lists of what is ours from its stdin, the last of each counts. The end of its stdin means that
 * its parent is gone, whatever ended it: then it kills those processes and removes those folders.
 */
const SCRIPT = `
trap '' INT TERM HUP
set -f
pids= folders=
while IFS= read -r line; do
  case $line in
    'pids '*) pids=\${line#* } ;;
    'folders '*) folders=\${line#* } ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids
IFS=:
for folder in $folders; do rm -rf -- "$folder"; done
`;

const pids = new Set<number>();
const folders = new Set<string>();
let watchdog: ChildProcess | undefined;

/** Has the process killed, should this one end without having done so itself. */
export function guardProcess(pid: number): void {
  pids.add(pid);
  tellWatchdog();
}

/** The process has ended. */
export function releaseProcess(pid: number): void {
  if (pids.delete(pid)) tellWatchdog();
}

/** Has the folder removed, should this process end without having done so itself. */
export function guardFolder(path: string): void {
  folders.add(path);
  tellWatchdog();
}

/** The folder is gone. */
export function releaseFolder(path: string): void {
  if (folders.delete(path)) tellWatchdog();
}

function tellWatchdog(): void {
  if (pids.size + folders.size === 0) {
    watchdog?.stdin?.end();
    watchdog = undefined;
    return;
  }
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`pids ${[...pids].join(' ')}\nfolders ${[...folders].join(':')}\n`);
}

/** In a session of its own, so that the Ctrl-C that ends us does not reach it. */
function startWatchdog(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.unref();
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}
