import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const folder = fileURLToPath(new URL('..', import.meta.url));
const kinds = ['unit', 'integration', 'chaos', 'package'];
/** What takes minutes and has a command of its own: `npm run test:pods`. */
const apart = ['pods'];
/** What tests are made of; some are programs as well (`npm run soak`, `npm run test:matrix`). */
const parts = ['matrix', 'soak', 'support'];

function filesOf(kind: string): string[] {
  return readdirSync(join(folder, kind), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

describe('the test folder', () => {
  it('has only kinds that npm test runs, and what has a command of its own', () => {
    const known = [...kinds, ...apart, ...parts, 'lanes'];
    expect(readdirSync(folder).filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each([...kinds, ...apart])('has in %s only files whose names Jest takes for tests', (kind) => {
    expect(filesOf(kind).filter((path) => !path.endsWith('.test.ts'))).toEqual([]);
  });

  it.each(parts)('hides no test in %s', (part) => {
    const hidden = filesOf(part).filter(
      (path) => path.includes('.test.') && !path.startsWith('matrix/consumer/'),
    );
    expect(hidden).toEqual([]);
  });
});
