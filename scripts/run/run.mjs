import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LONGEST_STEP = 20 * 60_000;

/**
 * Runs one command to its end and shows what it says. Ends this process with the command's exit code when it
 * fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd the project by default
 */
export function run(command, args, cwd = root) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    timeout: LONGEST_STEP,
  });
  if (status === 0) return;
  const reason = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`);
  console.error(`\nFailed: ${command} ${args.join(' ')} (${reason})`);
  process.exit(status ?? 1);
}

/** Runs a script of package.json. */
export function runScript(name, ...args) {
  run('npm', ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])]);
}
