import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../matrix/command.js';
import { LANES } from '../matrix/lanes.js';
import { DOCUMENT, shapeIn, shapeOf } from '../matrix/table.js';

const document = readFileSync(DOCUMENT, 'utf8');

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      permissions?: Record<string, string>;
      strategy?: { matrix: Record<string, string[]> };
      steps: { run?: string }[];
    }
  >;
}

function workflow(name: string): Workflow {
  return parse(readFileSync(join(ROOT, '.github/workflows', name), 'utf8')) as Workflow;
}

describe('the workflows', () => {
  it('run every lane', () => {
    const { corners } = workflow('ci.yml').jobs;
    expect(corners?.strategy?.matrix['lane']).toEqual(LANES.map(({ name }) => name));
  });

  it('run npm test on every Node that package.json asks for', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const oldest = workflow('ci.yml').jobs['test']?.strategy?.matrix['node'] ?? [];
    expect(oldest.map((version) => version.replace(/\.0$/, ''))).toEqual(engines.node.match(/\d+(\.\d+)*/g));
  });

  it('publish with provenance, after npm test, and may do nothing else', () => {
    const { permissions, jobs } = workflow('release.yml');
    const runs = jobs['publish']?.steps.flatMap(({ run }) => run ?? []) ?? [];
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs['publish']?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(runs.slice(-2)).toEqual(['npm test', 'npm publish --provenance']);
  });
});

describe('the matrix of CONTRIBUTING.md', () => {
  it('has the lanes that npm run test:matrix runs', () => {
    expect(shapeIn(document)).toEqual(shapeOf(LANES));
  });

  it('has no lane that failed', () => {
    expect(document.split('\n').filter((line) => /^\|.*\| failed/.test(line))).toEqual([]);
  });

  it('is stale once a lane asks for something else', () => {
    const [first, ...others] = LANES;
    expect(shapeIn(document)).not.toEqual(shapeOf(others));
    expect(shapeIn(document)).not.toEqual(shapeOf([{ ...first!, node: '18' }, ...others]));
  });
});
