/** How Node finds and reads TypeScript here; `typescript.mjs` puts it to use. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { transformSync } from '@swc/core';

const SOURCES = new URL('../../src/', import.meta.url);
const PACKAGE = '@redis-resilient/nestjs';

/** The package.json of a lane of `test/lanes`, whose processes take from it what it depends on. */
const LANE = process.env['REDIS_RESILIENT_LANE'];
const ofLane = LANE ? Object.keys(JSON.parse(readFileSync(new URL(LANE), 'utf8')).dependencies) : [];

/**
 * The package imports itself from its sources, or from its build where the environment variable `REDIS_RESILIENT_FROM` says
 * `dist`; a neighbour is named by the extension that it has in the build.
 */
export function resolve(specifier, context, nextResolve) {
  const fromSources = process.env['REDIS_RESILIENT_FROM'] !== 'dist';
  if (fromSources && (specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`))) {
    const entry = `.${specifier.slice(PACKAGE.length)}/index.ts`;
    return { url: new URL(entry, SOURCES).href, shortCircuit: true };
  }
  // A package that was loaded on purpose from elsewhere keeps to its own neighbours.
  const isOurs = !context.parentURL?.includes('/node_modules/');
  if (isOurs && ofLane.some((name) => specifier === name || specifier.startsWith(`${name}/`))) {
    return nextResolve(specifier, { ...context, parentURL: LANE });
  }
  const isNeighbour = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
  return nextResolve(isNeighbour ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
