import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/** A probe as a manifest writes it, in milliseconds. */
export interface ProbeSpec {
  readonly path: string;
  readonly period: number;
  readonly timeout: number;
  readonly failureThreshold: number;
}

/** What a kubelet is told about a pod, in milliseconds. */
export interface PodSpec {
  readonly startup: ProbeSpec;
  readonly liveness: ProbeSpec;
  readonly readiness: ProbeSpec;
  /** What the pod sleeps before it gets SIGTERM. */
  readonly preStop: number;
  /** From the begin of preStop to SIGKILL. */
  readonly terminationGrace: number;
}

interface ManifestProbe {
  readonly httpGet: { readonly path: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

interface Container {
  readonly startupProbe: ManifestProbe;
  readonly livenessProbe: ManifestProbe;
  readonly readinessProbe: ManifestProbe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: [string, string] } } };
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: [Container];
      };
    };
  };
}

/** The pod of the example for Kubernetes, to the letter. */
export const MANIFEST_POD = readPod();

/** How much more often a test probes than the example does. */
const QUICKER = 40;

/** The same with shorter waits: probes more often, timeouts as they are, a minute for a boot as there. */
export const QUICK_POD: PodSpec = {
  startup: { ...MANIFEST_POD.startup, period: 200, failureThreshold: 300 },
  liveness: oftener(MANIFEST_POD.liveness),
  readiness: oftener(MANIFEST_POD.readiness),
  preStop: MANIFEST_POD.preStop / 5,
  terminationGrace: MANIFEST_POD.terminationGrace,
};

function readPod(): PodSpec {
  const file = new URL('../../examples/kubernetes/orders.yaml', import.meta.url);
  const [deployment] = parseAllDocuments(readFileSync(file, 'utf8'));
  const { spec } = (deployment?.toJS() as Deployment).spec.template;
  const [{ startupProbe, livenessProbe, readinessProbe, lifecycle }] = spec.containers;
  return {
    startup: probeOf(startupProbe),
    liveness: probeOf(livenessProbe),
    readiness: probeOf(readinessProbe),
    preStop: Number(lifecycle.preStop.exec.command[1]) * 1_000,
    terminationGrace: spec.terminationGracePeriodSeconds * 1_000,
  };
}

function probeOf({ httpGet, periodSeconds, timeoutSeconds, failureThreshold }: ManifestProbe): ProbeSpec {
  return {
    path: httpGet.path,
    period: periodSeconds * 1_000,
    timeout: timeoutSeconds * 1_000,
    failureThreshold,
  };
}

function oftener(probe: ProbeSpec): ProbeSpec {
  return { ...probe, period: probe.period / QUICKER };
}
