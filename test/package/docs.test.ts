import { execFileSync } from 'node:child_process';

import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { DEFAULTS } from '../../src/options.js';
import { anchorsOf, brokenLinks, pages, snippetsOf } from '../support/markdown.js';
import { compileSnippets } from '../support/snippet-program.js';

const all = pages();
const snippets = all.flatMap(snippetsOf);
const pageAt = (path: string) => all.find((page) => page.path === path)!;

describe('the pages', () => {
  it.each(all.map(({ path }) => path))('%s has no link that leads nowhere', (path) => {
    expect(brokenLinks(pageAt(path))).toEqual([]);
  });

  it('are checked by something that can fail', () => {
    const text =
      '# A page\n[a](nowhere.md) [b](#nowhere) [c](README.md#a-page) [d](../package.json) `[e](no.md)`';
    expect(brokenLinks({ path: 'docs/x.md', text })).toEqual(['nowhere.md', '#nowhere', 'README.md#a-page']);
    expect(
      anchorsOf('# P4: A link that answers\n## What is missing without …\n## `a`, b\n## A\n## A'),
    ).toEqual(['p4-a-link-that-answers', 'what-is-missing-without-', 'a-b', 'a', 'a-1']);
  });

  it('are all in the index', () => {
    const index = pageAt('docs/README.md').text;
    const pagesOfDocs = all.map(({ path }) => path).filter((path) => /^docs\/(?!README)/.test(path));
    expect(pagesOfDocs.filter((path) => !index.includes(`](${path.slice('docs/'.length)})`))).toEqual([]);
  });

  it('have a README of at most 150 lines', () => {
    expect(pageAt('README.md').text.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });
});

describe('the snippets', () => {
  const wrong = [
    'RedisResilientModule.forRoot({ redis: { port: 1 }, keepalive: {} });',
    "@MessagePattern('a')\nonA() {\n  return this.nothing;\n}",
  ].map((code, index) => ({ page: 'wrong.md', language: 'ts', code, line: index }));
  let complaints: string[];

  beforeAll(() => {
    complaints = compileSnippets([...snippets.filter(({ language }) => language === 'ts'), ...wrong]);
  });

  it('in TypeScript compile', () => {
    expect(complaints.filter((line) => !line.startsWith('wrong.md'))).toEqual([]);
  });

  it('are checked by a compiler that finds what is wrong', () => {
    const found = complaints.filter((line) => line.startsWith('wrong.md'));
    expect(found).toEqual([
      expect.stringMatching(/^wrong\.md:0.*keepalive/),
      expect.stringMatching(/^wrong\.md:1.*nothing/),
    ]);
  });

  it('in shell are shell, in YAML YAML, in JSON JSON', () => {
    for (const { language, code } of snippets) {
      if (language === 'sh' || language === 'bash') execFileSync('/bin/sh', ['-n', '-c', code]);
      if (language === 'yaml') expect(() => parse(code) as unknown).not.toThrow();
      if (language === 'json') expect(() => JSON.parse(code) as unknown).not.toThrow();
    }
  });

  it('are in no language that nobody checks', () => {
    const checked = ['ts', 'sh', 'bash', 'yaml', 'json'];
    const notOurs = ['python', 'diff', ''];
    expect(
      snippets.map(({ language }) => language).filter((one) => ![...checked, ...notOurs].includes(one)),
    ).toEqual([]);
  });
});

describe('docs/options.md', () => {
  const rows = new Map(
    [...pageAt('docs/options.md').text.matchAll(/^\| `([\w.]+)` +\| +(?:`([^`]*)`|(\w+)) +\|/gm)].map(
      ([, option = '', value, word]) => [option, value ?? word],
    ),
  );

  it('names every option with its true default', () => {
    const defaults = Object.entries({ ...DEFAULTS }).flatMap(([name, value]) =>
      typeof value === 'object'
        ? Object.entries({ ...value }).map(([key, one]): [string, unknown] => [`${name}.${key}`, one])
        : [[name, value] as [string, unknown]],
    );
    const shown = (value: unknown): string =>
      value === Infinity || value === undefined ? 'none' : `${value as string | number | boolean}`;
    expect(Object.fromEntries(rows)).toEqual({
      redis: 'required',
      ...Object.fromEntries(defaults.map(([option, value]) => [option, shown(value)])),
      name: 'none',
      isGlobal: 'true',
      healthPath: 'health',
    });
  });
});
