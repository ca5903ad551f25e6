import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { monotonicNow } from '../../test/support/publisher-order.js';
import { TYPESCRIPT } from '../../test/support/typescript.js';
import type { ClientConnection, ClientLinks } from './client-links.js';
import type { Competitor } from './competitors.js';

/** What a subscriber process is told to do. */
export interface Assignment {
  connection: ClientConnection;
  options: Competitor['options'];
}

/** A message that reached the application. */
export interface Heard {
  n: number;
  at: number;
}

/** As whom the subscribers connect. */
export const USER = { username: 'app', password: 'secret' };

/** A competitor in a process of its own. Moments are on the clock of our `performance.now()`. */
export class Subscriber {
  /** What reached the application, in its order. */
  readonly heard: Heard[] = [];
  private readonly child: ChildProcess;
  private readonly offset = performance.now() - monotonicNow();
  private stopping = false;
  private end: string | null = null;

  /** @param loud shows what the process logs. */
  constructor(
    readonly competitor: Competitor,
    readonly links: ClientLinks,
    loud: boolean,
  ) {
    const program = fileURLToPath(new URL(`peers/${competitor.program}`, import.meta.url));
    const assignment: Assignment = { connection: links.connection(USER), options: competitor.options };
    const log = loud ? 'inherit' : 'ignore';
    this.child = fork(program, [JSON.stringify(assignment)], {
      execArgv: TYPESCRIPT,
      stdio: ['ignore', log, log, 'ipc'],
    });
    this.child.on('message', ({ n, at }: Heard) => this.heard.push({ n, at: at + this.offset }));
    this.child.on('exit', (code, signal) => {
      if (!this.stopping) this.end = signal ?? `exit ${String(code)}`;
    });
  }

  /** How the process ended of itself, as `exit 1`; `null` while it lives. */
  get died(): string | null {
    return this.end;
  }

  /** Whether anything reached the application after that moment. */
  hasHeardSince(moment: number): boolean {
    return (this.heard.at(-1)?.at ?? 0) > moment;
  }

  /** Ends the process and closes its links. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await this.links.close();
  }
}
