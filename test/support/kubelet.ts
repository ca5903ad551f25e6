import { get, type IncomingMessage } from 'node:http';
import type { RedisResilientModuleOptions } from '../../src/index.js';
import { freePort, poll } from '../../src/testing/index.js';
import { Container } from './container.js';

/** A probe as a manifest writes it. Milliseconds instead of seconds, so that a test is quick. */
export interface ProbeSpec {
  readonly path: string;
  readonly period: number;
  readonly timeout: number;
  readonly failureThreshold: number;
}

export interface PodSpec {
  readonly startup: ProbeSpec;
  readonly liveness: ProbeSpec;
  readonly readiness: ProbeSpec;
  readonly terminationGrace: number;
}

/** What the example for Kubernetes says, a hundred times as fast where our own times are, too. */
export const POD: PodSpec = {
  startup: { path: '/health', period: 200, timeout: 2_000, failureThreshold: 100 },
  liveness: { path: '/health', period: 250, timeout: 2_000, failureThreshold: 3 },
  readiness: { path: '/health/ready', period: 100, timeout: 2_000, failureThreshold: 1 },
  terminationGrace: 5_000,
};

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
 * probe means SIGTERM, SIGKILL after the grace, and another container.
 */
export class Kubelet {
  ready = false;
  restarts = 0;
  container: Container;
  /** Liveness probes that failed, by their status. */
  readonly failures: (number | null)[] = [];
  /** Every change of readiness. */
  readonly readiness: boolean[] = [];
  #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  private constructor(
    private readonly options: RedisResilientModuleOptions,
    private readonly port: number,
    private readonly spec: PodSpec,
  ) {
    this.container = new Container(options, port);
    this.watch();
  }

  static async run(options: RedisResilientModuleOptions, spec: PodSpec = POD): Promise<Kubelet> {
    return new Kubelet(options, await freePort(), spec);
  }

  /** Resolves once the pod is (or is not) ready. */
  async becomes(ready: boolean, deadline = 30_000): Promise<void> {
    await poll(() => this.ready === ready, {
      deadline,
      what: ready ? 'a ready pod' : 'a pod that is not ready',
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

  async stop(): Promise<void> {
    this.#stopped = true;
    this.endProbes();
    await this.end();
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
  }

  private async restart(): Promise<void> {
    this.endProbes();
    this.say(false);
    this.restarts += 1;
    await this.end();
    if (this.#stopped) return;
    this.container = new Container(this.options, this.port);
    this.watch();
  }

  private async end(): Promise<void> {
    const { container } = this;
    container.kill('SIGTERM');
    const grace = setTimeout(() => container.kill('SIGKILL'), this.spec.terminationGrace);
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
