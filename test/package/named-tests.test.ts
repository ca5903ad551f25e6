import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { pages, root } from '../support/markdown.js';

const all = pages();
const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
  .map((path) => `test/${path}`);

/** The tests that the prose of a page names; in a list the folder is said of the first only. */
function namedIn(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/[\w./-]+\.test\.ts/g)].map(([name]) => name);
}

function isThere(name: string): boolean {
  return name.includes('/') ? tests.includes(name) : tests.some((path) => path.endsWith(`/${name}`));
}

describe('the tests that a page names', () => {
  it.each(all.map(({ path, text }) => [path, text]))('exist: %s', (_, text) => {
    expect(namedIn(text).filter((name) => !isThere(name))).toEqual([]);
  });

  it('are in docs/guarantees.md all that break things: what is proven is promised', () => {
    const named = namedIn(all.find(({ path }) => path === 'docs/guarantees.md')?.text ?? '');
    const chaos = tests.filter((path) => path.startsWith('test/chaos/'));
    expect(chaos.filter((path) => !named.some((name) => path.endsWith(`/${name}`) || path === name))).toEqual(
      [],
    );
  });
});
