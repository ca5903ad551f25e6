import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './markdown.js';

/** A temporary ESM project that has this package as it was built, and every package of this project, among its node_modules. */
export function makeConsumer(): string {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@redis-resilient'), { recursive: true });
  symlinkSync(root, join(modules, '@redis-resilient', 'nestjs'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@redis-resilient') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}
