import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { CommandClient } from './command-client.js';
import { LOOPBACK, type Address } from './address.js';
import { NO_LINKS, type NodeLinks } from './node-links.js';
import type { Operator } from './operator.js';
import { poll } from './poll.js';
import type { Reply } from './resp.js';
import type { TlsCertificate } from './tls.js';
import { guardProcess, releaseProcess } from './watchdog.js';

/** What a server process is made of. */
export interface ServerProcessOptions {
  /** The name by which log lines and errors call it. */
  name: string;
  /** The program `redis-server`. */
  program: string;
  /** Its folder, for configuration, log and data. */
  folder: string;
  /** The port it listens on. */
  port: number;
  /** The lines of its configuration file, written when it starts for the first time. */
  config: string[];
  operator: Operator;
  /** The certificate with which it is spoken to; `undefined` where it speaks no TLS. */
  tls?: TlsCertificate | undefined;
  /** The host from which it connects to others; `undefined` where it is the same as everybody's. */
  source?: string | undefined;
  links?: NodeLinks | undefined;
  /** What is left to do once it was stopped for good. */
  afterStop?: (() => Promise<void>) | undefined;
}

const START_DEADLINE = 10_000;
const SHUTDOWN_DEADLINE = 2_000;
const LOG_LINES_SHOWN = 8;

/** A Redis server or a Sentinel that runs as a child process of this one. */
export class ServerProcess {
  /** The name by which log lines and errors call it. */
  readonly name: string;
  /** The host on which it listens. */
  readonly host = LOOPBACK;
  /** The port on which it listens itself; see {@link address} and {@link clientAddress} for the way there. */
  readonly port: number;
  /** As whom one may do everything here. */
  readonly operator: Operator;
  /** The host from which it connects to others; `undefined` where it is the same as everybody's. */
  readonly source: string | undefined;
  private readonly client: CommandClient;
  private readonly links: NodeLinks;
  private child: ChildProcess | undefined;
  private stopped = false;

  constructor(
    private readonly options: ServerProcessOptions,
    private readonly args: string[],
  ) {
    this.name = options.name;
    this.port = options.port;
    this.operator = options.operator;
    this.source = options.source;
    this.links = options.links ?? NO_LINKS;
    const { port, operator, tls } = options;
    this.client = new CommandClient({ host: LOOPBACK, port, ...operator, tls });
  }

  /** Its process id, `undefined` while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The address that servers and Sentinels know it by: its outer link, or itself where it has none. */
  get address(): Address {
    return this.links.outer?.address ?? { host: this.host, port: this.port };
  }

  /** The address that clients of the test connect to: its inner link, or itself where it has none. */
  get clientAddress(): Address {
    return this.links.inner?.address ?? { host: this.host, port: this.port };
  }

  /**
   * The link between servers and this one.
   *
   * @throws Error when it was started without `links: true`.
   */
  get outer() {
    return this.link('outer');
  }

  /**
   * The link between clients and this server.
   *
   * @throws Error when it was started without `links: true`.
   */
  get inner() {
    return this.link('inner');
  }

  /**
   * Starts it, at the same port and with what it remembers of its last life, and resolves once it answers.
   *
   * @throws Error with the end of its log when it does not come up.
   */
  async start(): Promise<void> {
    if (this.child) return;
    if (this.stopped)
      throw new Error(`${this.name} was stopped for good: use shutdown() or kill() to start it again.`);
    const child = this.spawn();
    try {
      await poll(() => this.answers(child), {
        deadline: START_DEADLINE,
        every: 5,
        what: `an answer of ${this.name} on port ${this.port}`,
      });
    } catch (cause) {
      await this.kill();
      throw new Error(`${this.name} did not start:\n${this.lastLogLines()}`, { cause });
    }
    if (this.child !== child) throw new Error(`${this.name} did not start:\n${this.lastLogLines()}`);
  }

  /** Ends it as an operator would (SIGTERM, and SIGKILL after 2 s); `start()` brings it back. */
  async shutdown(): Promise<void> {
    const { child } = this;
    if (!child) return;
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_DEADLINE);
    await this.ended(child);
    clearTimeout(timer);
  }

  /** Ends it at once (SIGKILL), frozen or not; `start()` brings it back. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child) return;
    child.kill('SIGKILL');
    await this.ended(child);
  }

  /** Ends it in an orderly way and starts it again, at the same port. */
  async restart(): Promise<void> {
    await this.shutdown();
    await this.start();
  }

  /**
   * Stops the process in its tracks (SIGSTOP): its sockets stay open, connections are accepted, nothing
   * answers.
   */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  /** Lets a frozen process go on (SIGCONT). */
  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Ends it for good, together with its links and files. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.kill();
    await Promise.all([this.links.outer?.close(), this.links.inner?.close()]);
    await rm(this.options.folder, { recursive: true, force: true });
    await this.options.afterStop?.();
  }

  /**
   * Sends it a command over a direct connection, as a user that may do everything.
   *
   * @throws RedisReplyError when it answers with an error.
   * @throws Error when it cannot be reached or does not answer within 2 s.
   */
  command(...args: (string | number | Uint8Array)[]): Promise<Reply> {
    return this.client.send(...args);
  }

  /** The last lines of its log. */
  lastLogLines(): string {
    const lines = existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').trimEnd().split('\n') : [];
    return lines.slice(-LOG_LINES_SHOWN).join('\n');
  }

  private get logFile(): string {
    return join(this.options.folder, 'server.log');
  }

  private link(side: keyof NodeLinks) {
    const link = this.links[side];
    if (!link) throw new Error(`${this.name} has no ${side} link: start it with \`links: true\`.`);
    return link;
  }

  /** In a session of its own, so that the Ctrl-C of a terminal reaches this process and not its servers. */
  private spawn(): ChildProcess {
    const { folder, program, config } = this.options;
    const configFile = join(folder, 'server.conf');
    mkdirSync(folder, { recursive: true });
    if (!existsSync(configFile)) writeFileSync(configFile, `${config.join('\n')}\n`);
    const log = openSync(this.logFile, 'a');
    const child = spawn(program, [configFile, ...this.args], {
      argv0: 'redis-server',
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    this.child = child;
    const gone = () => {
      if (this.child === child) this.child = undefined;
      this.client.close();
      if (child.pid !== undefined) releaseProcess(child.pid);
    };
    child.once('exit', gone);
    child.once('error', gone);
    if (child.pid !== undefined) guardProcess(child.pid);
    return child;
  }

  /**
   * Whether this very process answers, and not another that took the port; also when there is no more to wait
   * for.
   */
  private async answers(child: ChildProcess): Promise<boolean> {
    if (this.child !== child) return true;
    const info = await this.command('INFO', 'server');
    return String(info).includes(`process_id:${child.pid}\r\n`);
  }

  private async ended(child: ChildProcess): Promise<void> {
    if (this.child !== child) return;
    child.ref();
    await once(child, 'exit');
  }
}
