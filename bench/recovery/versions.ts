import { readFileSync } from 'node:fs';

import { bringRedisServer } from '../../src/testing/index.js';

/** The versions of what is compared. */
export async function readVersions(): Promise<Record<string, string>> {
  return {
    'Node.js': process.versions.node,
    Redis: (await bringRedisServer()).version,
    '@nestjs/microservices': versionOf('../../node_modules/@nestjs/microservices'),
    ioredis: versionOf('../../node_modules/ioredis'),
    'redis (node-redis)': versionOf('node_modules/redis'),
  };
}

function versionOf(folder: string): string {
  const file = new URL(`${folder}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
