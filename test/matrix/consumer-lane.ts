import { bringRedisServer } from '../../src/testing/index.js';
import { bringNode } from './node-binary.js';
import { AT_HAND, type Lane } from './lane.js';
import { Project } from './project.js';
import { JEST, PROM_CLIENT, shownVersion, TYPESCRIPT, type Versions, VITEST } from './versions.js';

export interface ConsumerOptions {
  name: string;
  /** A version, or {@link AT_HAND}. */
  node: string;
  peers: Versions;
  typescript: keyof typeof TYPESCRIPT;
  /** Whether it installs what is optional. */
  metrics: boolean;
  /** Which runners run a test of its own. */
  runners: readonly Runner[];
  quick?: boolean;
}

type Runner = keyof typeof RUNNERS;

const COMPILER = 'node_modules/typescript/bin/tsc';
const JEST_PROGRAM = [
  '--experimental-vm-modules',
  'node_modules/jest/bin/jest.js',
  '--testMatch',
  '**/*.test.js',
];

/** Each runs the test of the handler, compiled before. */
const RUNNERS = {
  'Jest, CommonJS': (project: Project) => project.node(...JEST_PROGRAM, '--rootDir', 'cjs'),
  'Jest, ES modules': (project: Project) => project.node(...JEST_PROGRAM, '--rootDir', 'esm'),
  Vitest: (project: Project) =>
    project.node('node_modules/vitest/vitest.mjs', 'run', '--globals', '--root', 'esm', 'failover.test.js'),
};

const COMPILER_OPTIONS = {
  target: 'es2023',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ['node'],
};

/** A service of somebody else that installs the tarball, is compiled to both module systems, and runs on a real Redis. */
export function consumerLane(options: ConsumerOptions): Lane {
  const { name, node, peers, typescript, runners, metrics, quick = false } = options;
  return {
    name,
    what: [`a service, TypeScript ${typescript}`, ...(metrics ? ['prom-client'] : []), ...runners].join(', '),
    node,
    nest: shownVersion(peers, '@nestjs/core'),
    ioredis: shownVersion(peers, 'ioredis'),
    quick,
    server: 'Redis 7.0',
    run: async () => {
      const { program: redisServer } = await bringRedisServer();
      const program = node === AT_HAND ? process.execPath : await bringNode(node);
      const project = new Project(program, redisServer);
      try {
        await tryOut(project, options);
      } finally {
        project.remove();
      }
    },
  };
}

type Trial = Pick<ConsumerOptions, 'typescript' | 'runners' | 'metrics' | 'peers'>;

async function tryOut(project: Project, trial: Trial): Promise<void> {
  const { typescript, runners, metrics, peers } = trial;
  await project.install({
    ...peers,
    ...(metrics ? PROM_CLIENT : {}),
    ...(runners.some((runner) => runner.startsWith('Jest')) ? JEST : {}),
    ...(runners.includes('Vitest') ? VITEST : {}),
    typescript: TYPESCRIPT[typescript],
    '@types/node': '^20',
  });
  project.copySources(metrics ? 'without-prom-client.cjs' : 'metrics.ts');
  await compile(project, metrics);
  for (const folder of ['esm', 'cjs']) {
    await project.node(`${folder}/main.js`);
    if (metrics) await project.node(`${folder}/metrics.js`);
  }
  if (!metrics) await project.node('without-prom-client.cjs');
  await project.node('identity.cjs');
  for (const runner of runners) await RUNNERS[runner](project);
}

/** As Node resolves, to JavaScript; and as bundlers do, where our own types must hold without `skipLibCheck` as well. */
async function compile(project: Project, metrics: boolean): Promise<void> {
  const include = ['esm', 'cjs'];
  project.write('tsconfig.json', {
    compilerOptions: { ...COMPILER_OPTIONS, module: 'nodenext', skipLibCheck: true },
    include,
  });
  project.write('tsconfig.bundler.json', {
    compilerOptions: {
      ...COMPILER_OPTIONS,
      module: 'esnext',
      moduleResolution: 'bundler',
      noEmit: true,
      // The types of the metrics name those of prom-client.
      skipLibCheck: !metrics,
    },
    include,
  });
  await project.node(COMPILER, '-p', '.');
  const complaints = await project.node(COMPILER, '-p', 'tsconfig.bundler.json').catch(ownComplaints);
  if (complaints) throw new Error(complaints);
}

/** Without `skipLibCheck` the compiler complains about others, too. */
function ownComplaints(error: Error): string {
  const lines = error.message.split('\n').filter((line) => /: error TS\d+/.test(line));
  if (lines.length === 0) throw error;
  const isOthers = (line: string) => /^node_modules\/(?!@redis-resilient)/.test(line);
  return lines.filter((line) => !isOthers(line)).join('\n');
}
