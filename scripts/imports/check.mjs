import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

import { findCycles } from './cycles.mjs';
import { readSource } from './read-source.mjs';
import { judgeFile, judgePackage, judgeRoom, roomOf } from './rules.mjs';

/**
 * Holds a source tree against the rules.
 *
 * @param {string} folder
 * @returns {{ files: number, violations: string[] }} each violation as `path:line what is wrong`
 */
export function checkImports(folder) {
  const sources = readSources(folder);
  const violations = [];
  const report = (path, line, text) => {
    if (text) violations.push(`${path}:${line} ${text}`);
  };

  const graph = new Map();
  for (const [path, source] of sources) {
    const neighbours = [];
    for (const { line, text } of judgeFile(path, source)) report(path, line, text);
    for (const imported of source.imports) {
      if (!imported.specifier.startsWith('.')) {
        report(path, imported.line, judgePackage(roomOf(path), imported));
        continue;
      }
      const target = posix.join(posix.dirname(path), imported.specifier).replace(/js$/, 'ts');
      if (!sources.has(target)) {
        report(path, imported.line, `'${imported.specifier}' is no file of the sources`);
        continue;
      }
      neighbours.push(target);
      report(path, imported.line, judgeRoom(roomOf(path), roomOf(target)));
    }
    graph.set(path, neighbours);
  }
  for (const cycle of findCycles(graph)) {
    report(cycle[0], 1, `a cycle: ${[...cycle, cycle[0]].join(' → ')}`);
  }
  return { files: sources.size, violations };
}

/** Every source below the folder, by its path with forward slashes, in the order of the alphabet. */
function readSources(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?ts$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  return new Map(
    paths.map((path) => [
      path.split(sep).join('/'),
      readSource(path, readFileSync(join(folder, path), 'utf8')),
    ]),
  );
}
