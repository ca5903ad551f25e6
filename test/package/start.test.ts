import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect } from '@jest/globals';

import { poll } from '../../src/testing/index.js';
import { descendantsOf, isAlive } from '../support/processes.js';
import { together } from '../support/together.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TOUR_DEADLINE = 90_000;
/** npm and node, 6 servers, the application, the publisher, the watchdog of the servers. */
const PROCESSES = 10;
const SCENES = [
  'Messages arrive',
  'The pub/sub connections are killed',
  'The link is black-holed',
  'The master is killed',
  'The master freezes',
];

/** One run of `npm start`, in a process group and with a folder for temporary files of its own. */
class Run {
  private static readonly all: Run[] = [];
  output = '';
  errors = '';
  private readonly child: ChildProcess;
  private readonly temporary = mkdtempSync(join(tmpdir(), 'start-'));
  private family: number[] = [];

  constructor(command: string, args: string[]) {
    // Jest has a terminal at times, and says so to its children.
    const { FORCE_COLOR: _, ...env } = process.env;
    this.child = spawn(command, args, {
      cwd: root,
      detached: true,
      env: { ...env, TMPDIR: this.temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    Run.all.push(this);
  }

  static endAll(): void {
    for (const { child, temporary } of Run.all) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  async says(words: string | RegExp): Promise<void> {
    await poll(() => this.child.exitCode !== null || this.output.match(words), {
      deadline: TOUR_DEADLINE,
      every: 50,
      what: `"${String(words)}" in the output`,
    });
    expect(this.output).toMatch(words);
  }

  /** Remembers which processes are to be gone in the end. */
  rememberProcesses(): void {
    this.family = descendantsOf(this.child.pid ?? 0);
    expect(this.family.length).toBeGreaterThanOrEqual(PROCESSES - 1);
  }

  /** As Ctrl-C in a terminal: to everything of the foreground. */
  interrupt(): void {
    process.kill(-(this.child.pid ?? 0), 'SIGINT');
  }

  async endsWith(code: number): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.exitCode === code) return;
    throw new Error(
      `It ended with ${child.exitCode ?? child.signalCode}, not ${code}:\n${this.output}\n${this.errors}`,
    );
  }

  async leavesNothing(): Promise<void> {
    await poll(() => !this.family.some(isAlive), { what: 'the end of every process' });
    await poll(() => readdirSync(this.temporary).length === 0, { what: 'the removal of every file' });
  }
}

const startDirectly = (...args: string[]): Run => new Run(process.execPath, ['scripts/start.mjs', ...args]);

describe('npm start', () => {
  afterAll(() => Run.endAll());

  together({
    'gives the tour in plain lines, ends by itself, and leaves nothing behind': async () => {
      const run = new Run('npm', ['--silent', 'start']);
      await run.says('A publisher that knows nothing of Nest');
      run.rememberProcesses();

      await run.endsWith(0);

      expect(run.output).not.toContain('\u001b');
      const scenes = run.output.split(/^\d\/\d +/m).slice(1);
      expect(scenes.map((scene) => scene.split('\n')[0])).toEqual(SCENES);
      for (const scene of scenes) {
        expect(scene).toMatch(/^ +deaf for +\d+\.\d\d s/m);
        expect(scene).toMatch(/^ +has missed +\d+ of \d+/m);
        expect(scene).toMatch(/^ +\/health\/ready +200 live(.* → 200 live)?$/m);
      }
      const [calm, ...faults] = scenes;
      expect(calm).toMatch(/may have missed +nothing/);
      for (const fault of faults) expect(fault).toMatch(/may have missed +a gap of .* reported/);
      expect(scenes[3]).toContain('→ 503');
      expect(run.output).toMatch(/^\d+ messages published, .*; none came twice\.$/m);
      await run.leavesNothing();
    },

    'stays with --stay, hears what the redis-cli line publishes, and ends on Ctrl-C': async () => {
      const run = startDirectly('--stay');
      await run.says('Everything stays up until Ctrl-C');
      await run.says(/ask it .*\n/);
      run.rememberProcesses();
      const [, line = ''] = /publish +(.*publish orders\.new .*)\n/.exec(run.output) ?? [];
      execFileSync('/bin/sh', ['-c', line], { cwd: tmpdir() });
      await run.says('heard orders.new { id: 1 }');

      run.interrupt();

      await run.endsWith(0);
      await run.leavesNothing();
    },

    'leaves nothing behind when Ctrl-C comes in the middle': async () => {
      const run = startDirectly();
      await run.says('1/5');
      run.rememberProcesses();

      run.interrupt();

      await run.endsWith(130);
      await run.leavesNothing();
    },

    'says what is wrong with an argument': async () => {
      const run = startDirectly('--for-ever');
      await run.endsWith(2);
      expect(run.errors).toContain("'--for-ever'");
      expect(run.errors).toContain('npm start -- --stay');
    },
  });
});
