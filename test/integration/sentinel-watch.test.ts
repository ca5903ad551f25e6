import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { RedisResilientOptions } from '../../src/options.js';
import { freePort, poll, startTopology, type Topology } from '../../src/testing/index.js';
import { Subscriber } from '../support/subscriber.js';

let topology: Topology;
const subscribers: Subscriber[] = [];

beforeAll(async () => {
  topology = await startTopology({ sentinelPassword: 'sesame' });
});
afterAll(() => topology.stop());
afterEach(() => Promise.all(subscribers.splice(0).map(({ engine }) => engine.close())));

function subscriber(redis: RedisResilientOptions['redis']): Subscriber {
  const made = new Subscriber({ redis });
  subscribers.push(made);
  made.engine.start();
  return made;
}

function options() {
  return topology.clientOptions() as Exclude<RedisResilientOptions['redis'], () => unknown>;
}

async function says(redis: RedisResilientOptions['redis'], words: RegExp): Promise<void> {
  const { engine, lines } = subscriber(redis);
  await engine.settled();
  await poll(() => lines.some((line) => words.test(line)), { deadline: 10_000, what: String(words) });
  expect(engine.monitor.snapshot()).toMatchObject({ live: false, cause: 'start' });
  expect(lines.join('\n')).not.toContain('sesame');
}

it('finds the Sentinels that were not named to it', async () => {
  const { sentinels } = topology.clientOptions();
  const { engine } = subscriber({ ...options(), sentinels: sentinels.slice(0, 1) });
  await poll(() => engine.monitor.snapshot().sentinels?.answering === 3, {
    deadline: 10_000,
    what: 'three Sentinels that answer',
  });
});

it('counts a Sentinel once that is reached by two addresses', async () => {
  const [first, ...others] = topology.clientOptions().sentinels;
  const { engine } = subscriber({
    ...options(),
    sentinels: [{ host: 'localhost', port: first!.port }, first!, ...others],
  });
  await engine.settled();
  await poll(() => engine.monitor.snapshot().sentinels?.answering === 3, {
    deadline: 10_000,
    what: 'three Sentinels that answer',
  });
});

it('is not misled by one Sentinel that names another server', async () => {
  const { engine, gaps } = subscriber(options());
  await engine.settled();
  const before = engine.monitor.snapshot();
  const [replica] = await topology.replicas();
  const [wrong] = topology.sentinels;
  await wrong!.command('SENTINEL', 'REMOVE', topology.masterName);
  const { host, port } = replica!;
  await wrong!.command('SENTINEL', 'MONITOR', topology.masterName, host, String(port), '2');
  await poll(() => engine.monitor.snapshot().sentinels?.agreeing === 2, {
    deadline: 10_000,
    what: 'two Sentinels that agree',
  });
  const after = engine.monitor.snapshot();
  expect(after).toMatchObject({ live: true, master: before.master, sentinels: { known: 3, answering: 3 } });
  expect(after.links.made).toBe(before.links.made);
  expect(gaps.size).toBe(0);
});

it('says that the Sentinels do not know the name of the master', () =>
  says({ ...options(), name: 'other' }, /do not know a master "other".*redis\.name/));

it('says that the Sentinels refuse the password', () =>
  says({ ...options(), sentinelPassword: 'wrong' }, /Sentinels refuse the credentials.*sentinelPassword/));

it('says how to reach an address that only the Sentinels reach', async () => {
  const port = await freePort();
  const natMap = Object.fromEntries(
    topology.nodes.map((node) => [`${node.host}:${node.port}`, { host: '127.0.0.1', port }]),
  );
  await says({ ...options(), natMap }, /name .* as master of "mymaster".*natMap.*announce-ip/);
});

it('says that a Sentinel was given as a data node', async () => {
  const { host, port } = topology.sentinels[0]!;
  await says({ host, port, password: 'sesame' }, /is a Sentinel.*redis\.sentinels.*redis\.name/);
});
