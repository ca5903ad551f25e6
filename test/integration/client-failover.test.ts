import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { delay, firstValueFrom, of, retry } from 'rxjs';
import { resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import { poll, startTopology, type Topology } from '../../src/testing/index.js';
import { RedisResilientClient } from '../../src/transport/client.js';
import { RedisResilientServer } from '../../src/transport/server.js';
import { CapturedLogs } from '../support/captured-logs.js';

const REQUESTS = 10_000;

let topology: Topology;

beforeAll(async () => {
  topology = await startTopology();
});
afterAll(() => topology.stop());

it('10,000 requests at once with the master killed in the middle: each is answered by its own reply or fails, none hangs', async () => {
  const engine = new Engine(resolveOptions({ redis: topology.clientOptions() }), new CapturedLogs());
  const server = new RedisResilientServer(engine);
  // Replies take between nothing and a second, so that there is a middle to kill the master in.
  server.addHandler('echo', async (value: unknown) => of(value).pipe(delay(50 * (Number(value) % 20 || 0))));
  await new Promise<unknown>((resolve) => server.listen(resolve));
  const client = new RedisResilientClient({ redis: topology.clientOptions(), client: { timeout: 3_000 } });

  const outcomes = new Map<string, number>();
  const count = (outcome: string): unknown => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const ask = (n: number): Promise<unknown> =>
    firstValueFrom(client.send<number>('echo', n)).then(
      (reply) => count(reply === n ? 'answered' : 'answered wrongly'),
      (error: unknown) => count(String((error as { code?: unknown }).code)),
    );
  await firstValueFrom(client.send('echo', 0));
  const asking = Promise.all(Array.from({ length: REQUESTS }, (_, n) => ask(n)));
  expect(client.pending).toBe(REQUESTS);
  await poll(() => (outcomes.get('answered') ?? 0) > REQUESTS / 10, {
    deadline: 30_000,
    every: 1,
    what: 'some replies',
  });
  await topology.nodes[0]!.kill();
  await asking;

  const { answered = 0, ...failed } = Object.fromEntries(outcomes);
  const failures = Object.values(failed).reduce((sum, one) => sum + one, 0);
  expect(answered + failures).toBe(REQUESTS);
  expect(Math.min(answered, failures)).toBeGreaterThan(0);
  expect(Object.keys(failed).filter((code) => !FAILURES.includes(code))).toEqual([]);
  expect(client.pending).toBe(0);

  // On the new master it goes on.
  const afterwards = client.send('echo', 'again').pipe(retry({ count: 30, delay: 500 }));
  expect(await firstValueFrom(afterwards)).toBe('again');
  await client.close();
  await server.close();
});

const FAILURES = ['REPLY_LOST', 'TIMEOUT', 'CONNECTION'];
