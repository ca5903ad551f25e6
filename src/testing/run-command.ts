import { spawn } from 'node:child_process';

/** What a command left behind. */
export interface CommandResult {
  /** The exit code; `null` when a signal ended it, when it ran out of time or could not be started. */
  code: number | null;
  stdout: string;
  /** What it wrote to stderr, or why it could not be started. */
  stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  /** The name the program is called by. @default the command itself */
  argv0?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is killed. @default 10000 */
  timeout?: number;
}

/** Runs a command to its end and never rejects: a command that cannot be started has the code `null`. */
export function runCommand(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  const { timeout = 10_000, env = process.env, ...spawnOptions } = options;
  return new Promise((resolve) => {
    const result: CommandResult = { code: null, stdout: '', stderr: '' };
    const child = spawn(command, args, {
      ...spawnOptions,
      env,
      timeout,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
    child.once('error', (error) => resolve({ ...result, stderr: error.message }));
    child.once('close', (code) => resolve({ ...result, code }));
  });
}
