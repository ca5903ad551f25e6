import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What a program of the tour is made of. */
export interface ProgramOptions {
  /** The name by which errors call it. */
  readonly name: string;
  readonly file: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it tells over the channel between the two processes. */
  readonly onMessage: (message: unknown) => void;
  /** A line that it writes to stdout or stderr; by default they are ours. */
  readonly onLine?: (line: string) => void;
}

const TYPESCRIPT = new URL('../../scripts/run/typescript.mjs', import.meta.url).href;
const LIFELINE = new URL('lifeline.mjs', import.meta.url).href;
const STOP_DEADLINE = 3_000;

/** A program in a process of its own. It ends with ours, whatever ends that. */
export class Program {
  /** Rejects when it ends without having been stopped. */
  readonly broken: Promise<never>;
  private readonly child: ChildProcess;
  private stopping = false;

  constructor({ name, file, args = [], env = {}, onMessage, onLine }: ProgramOptions) {
    const output = onLine ? 'pipe' : 'inherit';
    this.child = fork(file, args, {
      // So that the Ctrl-C of a terminal reaches the tour, which ends its programs in order.
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: ['--import', TYPESCRIPT, '--import', LIFELINE],
      env: { ...process.env, ...env },
    });
    this.child.on('message', onMessage);
    for (const input of [this.child.stdout, this.child.stderr]) {
      if (input && onLine) createInterface({ input }).on('line', onLine);
    }
    this.broken = this.end().then(({ code, signal }) => {
      if (this.stopping) return new Promise<never>(() => undefined);
      throw new Error(`${name} ended by itself (${signal ?? `code ${code}`}).`);
    });
    this.broken.catch(() => undefined);
  }

  /** Ends it: with SIGTERM, and with SIGKILL where that does not do. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_DEADLINE);
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  }

  private async end(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const [code, signal] = (await once(this.child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal };
  }
}
