import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { RedisResilientModuleOptions } from '../../src/index.js';
import { freePort, poll } from '../../src/testing/index.js';
import { Container } from './container.js';
import { type PodSpec, type ProbeSpec, QUICK_POD } from './pod-spec.js';

/** One answer, or the lack of one. */
export interface ProbeAnswer {
  /** `null` for a refused connection or a timeout. */
  readonly status: number | null;
  readonly body: string;
  readonly duration: number;
}

/**
 * One pod with one container, treated as a kubelet treats it: nothing else is probed until the startup probe has succeeded;
 * a probe counts as failed after `failureThreshold` failures in a row, and as succeeded after one success; a failed liveness
 * probe means another container; a container ends with preStop, SIGTERM, and SIGKILL after the grace.
 */
export class Kubelet {
  ready = false;
  restarts = 0;
  /** Deleted, and on its way out. */
  isTerminating = false;
  /** How often a container had to be killed because its grace was over. */
  kills = 0;
  /** Is told after each change that a Service looks at. */
  onChange: () => void = () => undefined;
  container: Container;
  /** Liveness probes that failed, by their status. */
  readonly failures: (number | null)[] = [];
  /** Every change of readiness. */
  readonly readiness: boolean[] = [];
  #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  private constructor(
    private readonly options: RedisResilientModuleOptions,
    readonly port: number,
    private readonly spec: PodSpec,
  ) {
    this.container = new Container(options, port);
    this.watch();
  }

  static async run(options: RedisResilientModuleOptions, spec: PodSpec = QUICK_POD): Promise<Kubelet> {
    return new Kubelet(options, await freePort(), spec);
  }

  /** Resolves once the pod is (or is not) ready. */
  async becomes(ready: boolean, deadline = 60_000): Promise<void> {
    const said = (): string => this.container.log.map(({ message }) => `\n  ${message}`).join('');
    await poll(() => this.ready === ready, { deadline }).catch((cause: unknown) => {
      const what = ready ? 'a ready pod' : 'a pod that is not ready';
      throw new Error(`no ${what} within ${deadline} ms; it said:${said()}`, { cause });
    });
  }

  /** Resolves after so many milliseconds of probes. */
  async probeFor(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    await poll(() => performance.now() > end, { deadline: 2 * milliseconds, every: 50, what: 'the time' });
  }

  ask({ path, timeout }: Pick<ProbeSpec, 'path' | 'timeout'>): Promise<ProbeAnswer> {
    const begun = performance.now();
    return new Promise((resolve) => {
      const answer = (status: number | null, body: string): void =>
        resolve({ status, body, duration: performance.now() - begun });
      // A kubelet opens a connection for each probe.
      const request = get(
        { host: '127.0.0.1', port: this.port, path, agent: false },
        (response) => void read(response, answer),
      );
      const deadline = setTimeout(() => request.destroy(new Error('timeout')), timeout);
      request.on('error', () => answer(null, ''));
      request.on('close', () => clearTimeout(deadline));
    });
  }

  /** As a rolling update does it: first the Services are told. Resolves once the container has ended. */
  async delete(): Promise<void> {
    this.#stopped = true;
    this.isTerminating = true;
    this.onChange();
    this.endProbes();
    await this.end(this.spec.preStop);
  }

  /** Ends the pod without ado. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.endProbes();
    await this.end(0);
  }

  private watch(): void {
    const { startup, liveness, readiness } = this.spec;
    this.probe(startup, {
      succeeded: () => {
        this.endProbes();
        this.probe(readiness, { succeeded: () => this.say(true), failed: () => this.say(false) });
        this.probe(liveness, { succeeded: () => undefined, failed: () => void this.restart() });
      },
      failed: () => void this.restart(),
    });
  }

  private probe(spec: ProbeSpec, outcome: { succeeded(): void; failed(): void }): void {
    let failures = 0;
    let isAsking = false;
    const { container } = this;
    const timer = setInterval(() => {
      if (isAsking) return;
      isAsking = true;
      void this.ask(spec).then(({ status }) => {
        isAsking = false;
        if (!this.#timers.includes(timer) || container !== this.container) return;
        const isSuccess = status !== null && status >= 200 && status < 400;
        failures = isSuccess ? 0 : failures + 1;
        if (!isSuccess && spec === this.spec.liveness) this.failures.push(status);
        if (isSuccess) outcome.succeeded();
        else if (failures >= spec.failureThreshold) outcome.failed();
      });
    }, spec.period);
    this.#timers.push(timer);
  }

  private say(ready: boolean): void {
    if (ready === this.ready) return;
    this.ready = ready;
    this.readiness.push(ready);
    this.onChange();
  }

  private async restart(): Promise<void> {
    this.endProbes();
    this.say(false);
    this.restarts += 1;
    await this.end(this.spec.preStop);
    if (this.#stopped) return;
    this.container = new Container(this.options, this.port);
    this.watch();
  }

  private async end(preStop: number): Promise<void> {
    const { container } = this;
    await Promise.race([pause(preStop), container.exited]);
    container.kill('SIGTERM');
    const grace = setTimeout(() => {
      this.kills += 1;
      container.kill('SIGKILL');
    }, this.spec.terminationGrace - preStop);
    await container.exited;
    clearTimeout(grace);
  }

  private endProbes(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }
}

async function read(
  response: IncomingMessage,
  answer: (status: number | null, body: string) => void,
): Promise<void> {
  try {
    let body = '';
    for await (const chunk of response) body += String(chunk);
    answer(response.statusCode ?? null, body);
  } catch {
    answer(null, '');
  }
}
