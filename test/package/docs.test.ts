import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
  .map((path) => `test/${path}`);

/** The tests that a page names; in a list the folder is said of the first only, as prose does. */
function namedIn(text: string): string[] {
  return [...text.matchAll(/[\w./-]+\.test\.ts/g)].map(([name]) => name);
}

function isThere(name: string): boolean {
  return name.includes('/') ? tests.includes(name) : tests.some((path) => path.endsWith(`/${name}`));
}

describe('the pages', () => {
  it.each(pages)('%s names only tests that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    expect(namedIn(text).filter((name) => !isThere(name))).toEqual([]);
  });

  it.each(pages)('%s leads only to files that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(root, page, '..', target)))).toEqual([]);
  });

  it('docs/guarantees.md names every chaos test: what is proven is promised', () => {
    const named = namedIn(readFileSync(join(root, 'docs/guarantees.md'), 'utf8'));
    const chaos = tests.filter((path) => path.startsWith('test/chaos/'));
    expect(chaos.filter((path) => !named.some((name) => path.endsWith(`/${name}`) || path === name))).toEqual(
      [],
    );
  });
});
