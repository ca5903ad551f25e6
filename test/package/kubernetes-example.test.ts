import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import * as apps from 'kubernetes-models/apps/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { DEFAULTS } from '../../src/options.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  apiVersion: string;
  kind: string;
}

const MODELS: Record<string, Record<string, new (manifest: object) => { validate(): void }>> = {
  v1: core as never,
  'apps/v1': apps as never,
  'policy/v1': policy as never,
};

function read(file: string): Manifest[] {
  const text = readFileSync(join(root, 'examples/kubernetes', file), 'utf8');
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

/** What the TypeScript compiler has to say about manifests as literals: unlike the schemas, it knows of no further fields. */
function compile(manifests: Manifest[]): string {
  const folder = mkdtempSync(join(root, 'node_modules', '.manifests-'));
  const sources = manifests.map(
    (manifest, index) =>
      `import { type I${manifest.kind} as K${index} } from 'kubernetes-models/${manifest.apiVersion}';\n` +
      `export const manifest${index}: K${index} = ${JSON.stringify(manifest)};\n`,
  );
  try {
    writeFileSync(join(folder, 'manifests.ts'), sources.join(''));
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
    ];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const args = [compiler, ...options, '--ignoreConfig', 'manifests.ts'];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const files = ['orders.yaml', 'redis.yaml'];
const all = files.flatMap((file) => read(file).map((manifest) => [file, manifest.kind, manifest] as const));

describe('the manifests', () => {
  it.each(all)('of %s satisfy the schema of their kind: %s', (_file, _kind, manifest) => {
    const Model = MODELS[manifest.apiVersion]?.[manifest.kind];
    expect(() => new Model!(manifest).validate()).not.toThrow();
  });

  it('have no field that Kubernetes does not know', () => {
    const manifests = all.map(([, , manifest]) => manifest);
    expect(compile(manifests)).toBe('');
    const typo = { ...manifests[0]!, spec: { replica: 2 } };
    expect(compile([typo])).toMatch(/replica.* does not exist/);
  });
});

describe('the Deployment', () => {
  const [deployment] = read('orders.yaml') as unknown as [apps.IDeployment];
  const pod = deployment.spec!.template.spec!;
  const [container] = pod.containers as [NonNullable<typeof pod.containers>[number]];

  it('asks the probes where the application answers them', () => {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    expect(startupProbe?.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(livenessProbe?.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
    const [port] = container.ports ?? [];
    expect(port).toMatchObject({ name: 'http', containerPort: 3000 });
    expect(container.env).toContainEqual({ name: 'PORT', value: String(port?.containerPort) });
  });

  it('gives handlers the time that drainTimeout promises them', () => {
    const sleep = Number(container.lifecycle?.preStop?.exec?.command?.[1]);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(sleep + DEFAULTS.drainTimeout / 1000);
  });

  it('restarts for nothing that is over within the grace', () => {
    const { periodSeconds = 10, failureThreshold = 3 } = container.livenessProbe ?? {};
    expect(periodSeconds * failureThreshold * 1000).toBeGreaterThanOrEqual(DEFAULTS.health.livenessGrace);
  });
});
