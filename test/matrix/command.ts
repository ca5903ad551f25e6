import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandOptions {
  /** @default the project */
  cwd?: string;
  env?: Record<string, string>;
  /** Milliseconds. @default 5 minutes */
  timeout?: number;
}

/**
 * Runs a command to its end and gives what it printed.
 *
 * @throws Error with everything it printed when it fails.
 */
export async function command(
  program: string,
  args: string[],
  options: CommandOptions = {},
): Promise<string> {
  const { cwd = ROOT, env = {}, timeout = 300_000 } = options;
  const child = spawn(program, args, {
    cwd,
    // npm tells its children where it runs itself; they are to look for themselves.
    env: { ...withoutNpm(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  if (code === 0) return output;
  throw new Error(`${program} ${args.join(' ')}\nended with ${code ?? signal} in ${cwd}:\n${output}`);
}

function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = Object.entries(env).filter(
    ([name]) =>
      !/^npm_(package|lifecycle|execpath|command)/i.test(name) && !/^(NODE_OPTIONS|INIT_CWD)$/.test(name),
  );
  return Object.fromEntries(settings);
}
