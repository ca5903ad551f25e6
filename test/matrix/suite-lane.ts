import { command } from './command.js';
import { bringServer, type OtherServer } from './other-servers.js';
import { AT_HAND, type Lane } from './lane.js';
import { shownVersion, type Versions } from './versions.js';

export interface SuiteOptions {
  name: string;
  /** The folder of `test/lanes` that says what Jest runs. */
  lane: string;
  peers: Versions;
  /** Another server than the usual one. */
  server?: OtherServer;
}

const LONGEST_SUITE = 20 * 60_000;

/** The whole behaviour, integration and chaos tests, of what is in the tarball. */
export function suiteLane({ name, lane, peers, server }: SuiteOptions): Lane {
  return {
    name,
    what: 'all integration and chaos tests',
    node: AT_HAND,
    nest: shownVersion(peers, '@nestjs/core'),
    ioredis: shownVersion(peers, 'ioredis'),
    server: server?.name ?? 'Redis 7.0',
    quick: false,
    run: async () => {
      const env: Record<string, string> = server ? { REDIS_SERVER: await bringServer(server) } : {};
      await command(process.execPath, ['scripts/lane.mjs', lane], { env, timeout: LONGEST_SUITE });
    },
  };
}
