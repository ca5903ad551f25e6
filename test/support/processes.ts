import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The processes that descend from one, at this moment. */
export function descendantsOf(ancestor: number): number[] {
  const parents = existsSync('/proc/self/stat') ? parentsFromProc() : parentsFromPs();
  const found = new Set([ancestor]);
  // A child may stand before its parent.
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(ancestor);
  return [...found];
}

/** Whether a process runs. One that has ended and waits for a parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    if (existsSync('/proc/self/stat')) return statOf(pid).state !== 'Z';
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function parentsFromProc(): Map<number, number> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.flatMap((pid): [number, number][] => {
      try {
        return [[Number(pid), statOf(Number(pid)).parent]];
      } catch {
        return []; // It has ended meanwhile.
      }
    }),
  );
}

function statOf(pid: number): { state: string | undefined; parent: number } {
  // The name of the program stands in parentheses and may hold anything; behind it: state, parent.
  const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return { state, parent: Number(parent) };
}

function parentsFromPs(): Map<number, number> {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
  );
}
