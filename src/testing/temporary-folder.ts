import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { guardFolder, releaseFolder } from './watchdog.js';

/** Makes a folder that is removed by {@link removeTemporaryFolder}, at the latest when this process ends. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-resilient-'));
  guardFolder(folder);
  return folder;
}

/** Removes a folder that {@link makeTemporaryFolder} made. */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  releaseFolder(folder);
}
