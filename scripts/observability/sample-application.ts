import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../examples/observability/app/main.ts', import.meta.url));
const TYPESCRIPT = new URL('../run/typescript.mjs', import.meta.url).href;

/** The example application, with metrics, in a process of its own. */
export class SampleApplication {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it serves HTTP. */
    readonly url: string,
  ) {}

  static async start(redis: object): Promise<SampleApplication> {
    const child = fork(PROGRAM, {
      execArgv: ['--import', TYPESCRIPT],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, REDIS: JSON.stringify(redis), PORT: '0' },
    });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return new SampleApplication(child, url);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
