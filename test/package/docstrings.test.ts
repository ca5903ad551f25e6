import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import { root } from '../support/markdown.js';

function check(...entries: string[]) {
  const args = [join(root, 'scripts/check-docstrings.mjs'), ...entries];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

it('every public name, and every public member of it, says what it is', () => {
  const { stderr, status } = check();
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

it('is checked by something that finds what says nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docstrings-'));
  try {
    const entry = join(folder, 'index.ts');
    writeFileSync(
      entry,
      `/** Said. */
       export class Thing {
         /** Said. */
         said = 1;
         unsaid = 2;
         private hidden = 3;
         /** @internal */
         inner = 4;
         /** @default 5 */
         onlyTagged = 5;
         static silent(): void {}
       }
       export interface Silent { quiet: string }
       export const mute = 1;`,
    );
    expect(
      check(entry)
        .stderr.split('\n')
        .slice(1, -1)
        .map((line) => line.trim())
        .sort(),
    ).toEqual(['Silent', 'Silent.quiet', 'Thing.onlyTagged', 'Thing.silent', 'Thing.unsaid', 'mute'].sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
