/**
 * Checks that the sources keep to the house: the direction between the rooms, which room may import which
 * package, no cycles, no barrels, a pure `subscription`. The table is in `imports/rules.mjs`.
 *
 *     node scripts/check-imports.mjs [folder of the sources]
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkImports } from './imports/check.mjs';

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url)));
const { files, violations } = checkImports(folder);

if (violations.length > 0) {
  console.error(violations.join('\n'));
  process.exitCode = 1;
} else {
  console.log(`Import rules: ${files} files, nothing to object to.`);
}
