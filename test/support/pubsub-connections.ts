import type { RedisNode } from '../../src/testing/index.js';

/** The connections that are subscribed on a server: name → id. Another id under the same name is another link. */
export async function pubsubConnections(redis: RedisNode): Promise<Map<string, string>> {
  const list = String(await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
  const fields = (line: string, name: string): string =>
    new RegExp(`\\b${name}=(\\S*)`).exec(line)?.[1] ?? '';
  return new Map(
    list
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [fields(line, 'name'), fields(line, 'id')]),
  );
}
