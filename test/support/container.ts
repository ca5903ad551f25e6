import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RedisResilientModuleOptions } from '../../src/index.js';
import { Collector } from './collector.js';
import type { Sabotage } from './probed-application.js';
import { TYPESCRIPT } from './typescript.js';

interface Told {
  readonly url?: string;
  readonly heard?: number;
  readonly sabotaged?: Sabotage;
}

interface LogLine {
  readonly level: string;
  readonly message: string;
}

/** The sample application in a process of its own. */
export class Container {
  readonly told = new Collector<Told>();
  readonly log: LogLine[] = [];
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor(options: RedisResilientModuleOptions, port: number) {
    const program = fileURLToPath(new URL('./probed-application.ts', import.meta.url));
    this.#child = fork(program, {
      execArgv: TYPESCRIPT,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, OPTIONS: JSON.stringify(options), PORT: String(port) },
    });
    this.exited = once(this.#child, 'exit');
    this.#child.on('message', (told: Told) => this.told.add(told));
    for (const input of [this.#child.stdout, this.#child.stderr]) {
      if (input) createInterface({ input }).on('line', (line) => this.log.push(parseLine(line)));
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async sabotage(how: Sabotage): Promise<void> {
    this.#child.send(how);
    await this.told.first(({ sabotaged }) => sabotaged === how);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** What is written past the logger is no JSON, and nothing good. */
function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'error', message: line };
  }
}
