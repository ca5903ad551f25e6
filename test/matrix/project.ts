import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { command, ROOT } from './command.js';
import type { Versions } from './versions.js';

const CONSUMER = fileURLToPath(new URL('consumer', import.meta.url));
const TARBALL = join(ROOT, 'node_modules/.packed/package.tgz');

/** A project of somebody else, in a temporary folder, into which the tarball is installed. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'consumer-'));

  /**
   * @param program the Node that runs what is in it
   * @param redisServer the redis-server that it finds
   */
  constructor(
    private readonly program: string,
    private readonly redisServer: string,
  ) {
    process.once('exit', () => this.remove());
  }

  /** Everything that npm finds wrong with it is an error. */
  async install(versions: Versions): Promise<void> {
    this.write('package.json', { name: 'consumer', private: true, dependencies: versions });
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await this.run('npm', 'install', ...quietly, TARBALL);
    await this.run('npm', 'ls', '--all');
  }

  /** Puts the TypeScript of the consumer into a folder for each of the module systems, and the rest beside them. */
  copySources(leftOut: string): void {
    const names = readdirSync(CONSUMER).filter((name) => name !== leftOut);
    const copy = (name: string, folder: string) =>
      cpSync(join(CONSUMER, name), join(this.folder, folder, name));
    for (const name of names.filter((each) => each.endsWith('.cjs'))) copy(name, '.');
    for (const [folder, type] of Object.entries({ esm: 'module', cjs: 'commonjs' })) {
      for (const name of names.filter((each) => each.endsWith('.ts'))) copy(name, folder);
      this.write(join(folder, 'package.json'), { type });
    }
  }

  write(file: string, content: object): void {
    writeFileSync(join(this.folder, file), JSON.stringify(content, null, 2));
  }

  async node(...args: string[]): Promise<string> {
    return this.run(this.program, ...args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async run(program: string, ...args: string[]): Promise<string> {
    return command(program, args, { cwd: this.folder, env: { REDIS_SERVER: this.redisServer } });
  }
}
