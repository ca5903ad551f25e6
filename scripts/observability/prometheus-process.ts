import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, poll } from '../../src/testing/index.js';

const example = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../examples/observability/${file}`, import.meta.url)), 'utf8');

/** A real Prometheus with the configuration of the example, every interval a fifth of what it says there. */
export class PrometheusProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
  ) {}

  static async start(program: string, target: URL): Promise<PrometheusProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const config = example('prometheus.yml').replace('127.0.0.1:3000', target.host);
    writeFileSync(join(folder, 'prometheus.yml'), config.replaceAll('5s', '1s'));
    const rules = example('redis-resilient.rules.yml').replaceAll('for: 15s', 'for: 3s');
    writeFileSync(join(folder, 'redis-resilient.rules.yml'), rules);
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const prometheus = new PrometheusProcess(child, folder, `http://${address}`);
    const isReady = async (): Promise<boolean> => (await fetch(`http://${address}/-/ready`)).ok;
    await poll(() => isReady().catch(() => false), { deadline: 30_000, every: 100, what: 'Prometheus' });
    return prometheus;
  }

  /** `inactive`, `pending` or `firing`. */
  async stateOf(alert: string): Promise<string> {
    const { data } = (await this.get('/api/v1/rules')) as {
      data: { groups: { rules: { name: string; state: string }[] }[] };
    };
    const rule = data.groups.flatMap(({ rules }) => rules).find(({ name }) => name === alert);
    return rule?.state ?? 'unknown';
  }

  /** The annotations of an alert that fires. */
  async annotationsOf(alert: string): Promise<Record<string, string> | undefined> {
    const { data } = (await this.get('/api/v1/alerts')) as {
      data: { alerts: { labels: Record<string, string>; annotations: Record<string, string> }[] };
    };
    return data.alerts.find(({ labels }) => labels['alertname'] === alert)?.annotations;
  }

  /** Resolves once a query has a result. */
  async answers(query: string): Promise<void> {
    const hasResult = async (): Promise<boolean> => {
      const { data } = (await this.get(`/api/v1/query?query=${encodeURIComponent(query)}`)) as {
        data: { result: unknown[] };
      };
      return data.result.length > 0;
    };
    await poll(hasResult, { deadline: 60_000, every: 200, what: `an answer to ${query}` });
  }

  async becomes(alert: string, state: string): Promise<void> {
    const isSo = async (): Promise<boolean> => (await this.stateOf(alert)) === state;
    await poll(isSo, { deadline: 60_000, every: 200, what: `${alert} ${state}` });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async get(path: string): Promise<unknown> {
    return (await fetch(this.url + path)).json();
  }
}
