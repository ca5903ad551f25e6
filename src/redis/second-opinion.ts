import { Redis, type RedisOptions } from 'ioredis';
import { isWithheld } from './refusal.js';
import { slices, subscriptionOf, type SubscriptionKey } from './subscriptions.js';

/**
 * Whether a fresh client that has nothing in common with the supervised link, but the options, reaches the master and
 * may subscribe to the same subscriptions. It finds the master by ioredis' own way.
 *
 * @param deadline milliseconds
 */
export async function secondOpinion(
  options: RedisOptions,
  wanted: readonly SubscriptionKey[],
  deadline: number,
): Promise<boolean> {
  const client = new Redis({
    ...options,
    lazyConnect: true,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    // One Sentinel that hangs leaves time for the others, and no socket behind.
    sentinelCommandTimeout: deadline / 4,
    connectTimeout: deadline / 4,
    autoResubscribe: false,
    // It asks for INFO, which a user with few rights may not run.
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, deadline, false);
  });
  try {
    return await Promise.race([subscribes(client, wanted), overdue]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    client.disconnect();
    client.stream?.destroy();
  }
}

async function subscribes(client: Redis, wanted: readonly SubscriptionKey[]): Promise<boolean> {
  await client.connect();
  const [role] = (await client.role().catch(unlessWithheld)) ?? [];
  if (role !== undefined && role !== 'master') return false;
  const named = wanted.map(subscriptionOf);
  const names = (kind: 'pattern' | 'channel'): string[] =>
    named.filter((each) => each.kind === kind).map(({ name }) => name);
  for (const slice of slices(names('pattern'))) await client.psubscribe(...slice);
  for (const slice of slices(names('channel'))) await client.subscribe(...slice);
  return true;
}

function unlessWithheld(error: unknown): null {
  if (isWithheld(error)) return null;
  throw error;
}
