import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const folder = fileURLToPath(new URL('..', import.meta.url));
const kinds = ['unit', 'integration', 'chaos', 'package'];
/** What takes minutes and has a command of its own: `npm run test:pods`. */
const apart = ['pods'];
/** What tests are made of; `soak` is a program as well (`npm run soak`). */
const parts = ['soak', 'support'];

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
    expect(filesOf(part).filter((path) => path.includes('.test.'))).toEqual([]);
  });
});
