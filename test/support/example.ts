import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { freePort, poll } from '../../src/testing/index.js';
import { TYPESCRIPT } from './typescript.js';

/** One of `examples`, as a process of its own that listens. */
export class Example {
  output = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(name: string, env: Record<string, string | number>): Promise<Example> {
    const port = await freePort();
    const program = fileURLToPath(new URL(`../../examples/${name}/main.ts`, import.meta.url));
    const words = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]));
    const child = spawn(process.execPath, [...TYPESCRIPT, program], {
      env: { ...process.env, NO_COLOR: '1', REDIS_RESILIENT_FROM: 'dist', ...words, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const example = new Example(child, port);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (example.output += text));
    }
    await poll(() => example.get('/'), { deadline: 90_000, every: 50, what: `HTTP of ${name}` });
    return example;
  }

  /** Waits until its output has these words. */
  async says(words: string | RegExp): Promise<void> {
    await poll(() => this.output.match(words), { deadline: 10_000 }).catch((cause: unknown) => {
      throw new Error(`It does not say "${String(words)}":\n${this.output}`, { cause });
    });
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`);
  }

  /** As an orchestrator does; resolves with the exit code. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    }
    return child.exitCode ?? child.signalCode;
  }
}
