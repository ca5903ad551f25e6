import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { Permissions } from '../../src/redis/permissions.js';
import { secondOpinion } from '../../src/redis/second-opinion.js';
import { SentinelView } from '../../src/redis/sentinel-view.js';
import { poll, TcpLink, type SentinelNode, type Topology } from '../../src/testing/index.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();
let topology: Topology;
let sentinel: SentinelNode;

beforeEach(async () => {
  topology = await stage.topology({ links: false, replicas: 0 });
  sentinel = topology.sentinels[0]!;
});
afterEach(() => stage.close());

/** How many clients this Sentinel has that are neither Sentinels nor this question. */
async function clientsOf(each: SentinelNode): Promise<number> {
  const list = String(await each.command('CLIENT', 'LIST'))
    .trim()
    .split('\n');
  return list.filter((line) => !/ name=sentinel-| cmd=client/.test(line)).length;
}

it('A Sentinel that is only reached at another address than before is found there', async () => {
  const link = stage.keep(await TcpLink.to(sentinel.address), (each) => each.close());
  const subscriber = await stage.subscriber({ sentinels: [link.address], name: topology.masterName });
  await subscriber.becomes(({ sentinels }) => sentinels?.answering === 3);
  await link.close();
  await subscriber.becomes(({ sentinels }) => sentinels?.answering === 2);
  await subscriber.becomes(({ sentinels }) => sentinels?.answering === 3);
});

/** A view of the Sentinel that notes in `ends` how each of its polls ended. */
function viewOf(source: () => Promise<object>, timeout: number, ends: string[]): SentinelView {
  const view = new SentinelView(sentinel.address, false, topology.masterName, source, timeout, {
    permissions: new Permissions('control', () => undefined),
    reported: () => ends.push('reported'),
    failed: () => ends.push('failed'),
    switched: () => undefined,
    selected: () => undefined,
  });
  return stage.keep(view, (each) => each.close());
}

it('Options that come too late for a poll open no connection that nobody knows of', async () => {
  const before = await clientsOf(sentinel);
  const given: (() => void)[] = [];
  const source = () => new Promise<object>((resolve) => given.push(() => resolve({})));
  const ends: string[] = [];
  const view = viewOf(source, 100, ends);
  view.poll();
  await poll(() => ends.length === 1);
  view.poll();
  given[1]?.();
  await poll(() => ends.length === 2);
  given[0]?.();
  for (let answers = 3; answers <= 30; answers += 1) {
    view.poll();
    await poll(() => ends.length === answers);
  }
  expect(ends.slice(0, 2)).toEqual(['failed', 'reported']);
  view.close();
  await poll(async () => (await clientsOf(sentinel)) === before, { what: 'no connection of the view' });
});

it('An event loop that is blocked longer than the deadline of a poll is no silence of the Sentinel', async () => {
  const ends: string[] = [];
  const timeout = 200;
  const source = async () => ({});
  const view = viewOf(source, timeout, ends);
  view.poll();
  await poll(() => ends.length === 1);
  view.poll();
  for (const end = performance.now() + 2 * timeout; performance.now() < end;);
  await poll(() => ends.length === 2);
  expect(ends).toEqual(['reported', 'reported']);
});

it('A second opinion leaves no connection to a Sentinel that hangs, and asks the next one', async () => {
  const before = await clientsOf(sentinel);
  sentinel.freeze();
  const opinion = await secondOpinion(topology.clientOptions(), [], 2_000);
  sentinel.thaw();
  expect(opinion).toBe(true);
  await poll(async () => (await clientsOf(sentinel)) === before, { what: 'no connection of the opinion' });
});
