import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as microservices from '@nestjs/microservices';
import * as rxjs from 'rxjs';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';
import { interopController } from '../support/interop-handlers.js';
import { expectProduced, markdownTable } from '../support/produced-page.js';
import { type RawPublisher, rawPublishers } from '../support/raw-publishers.js';
import { StockPeer } from '../support/stock-peer.js';
import { Transports } from '../support/transport.js';

const ROWS: readonly (readonly [what: string, payload: string, channel?: string])[] = [
  ['JSON', '{"id":1}'],
  ['a number', '17'],
  ['text', 'hello'],
  ['text of every script', 'grüße, 你好, 🎉'],
  ['nothing', ''],
  ['JSON that was cut off', '{"id":'],
  ['a packet of Nest', '{"pattern":"news.today","data":{"id":2}}'],
  ['a packet for another channel', '{"pattern":"elsewhere","data":1}'],
  ['JSON that has `data`', '{"data":5,"type":"x"}'],
  ['JSON that has `data` and `id`', '{"data":5,"id":"x"}'],
  ["somebody's reply", '{"response":5,"id":"x","isDisposed":true}', 'news.other.reply'],
];

const kit = { common, core, microservices, rxjs };
const heardByOurs = new Collector<string>();
let redis: RedisNode;
let byResp: RawPublisher;
let others: readonly RawPublisher[];
let peers: readonly [StockPeer, StockPeer];
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
  peers = await StockPeer.startBoth(redis);
  [byResp, ...others] = await rawPublishers(redis);
  process.stdout.write(`Publishers here: ${[byResp, ...others].map(({ name }) => name).join(', ')}\n`);
});
afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
  await redis.stop();
});
afterEach(() => transports.close());

/** What a handler of `news.*` got of each row; the next message tells that nothing more comes of it. */
async function outcomes(
  publisher: RawPublisher,
  published: typeof ROWS,
  heard: Collector<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const [, payload, channel = 'news.today'] of published) {
    const before = heard.items.length;
    await publisher.publish(channel, payload);
    await redis.publish('news.next', '"next"');
    await heard.first((item) => heard.items.indexOf(item, before) >= before && item === NEXT);
    const ofThis = heard.items.slice(before, heard.items.indexOf(NEXT, before));
    // A stock server hears its own replies too, sooner or later.
    const suffix = ` on ${channel}`;
    const words = ofThis.filter((item) => item.endsWith(suffix)).map((item) => item.slice(0, -suffix.length));
    found.push(words.join(', ') || 'no message');
  }
  return found;
}

const NEXT = '`"next"` on news.next';

it('every program publishes alike', async () => {
  transports = new Transports(redis);
  await transports.serve(interopController(kit, heardByOurs.add));
  // Each time a program is started.
  const some = ROWS.filter(([what]) => what === 'JSON' || what.startsWith('text'));
  const expected = await outcomes(byResp, some, heardByOurs);
  for (const publisher of others) {
    const found = await outcomes(publisher, some, heardByOurs);
    expect([publisher.name, found]).toEqual([publisher.name, expected]);
  }
});

it('docs/interop.md tells what arrives, here and at the stock servers', async () => {
  const columns = new Map<string, readonly string[]>();
  for (const [column, envelope] of [
    ['ours', 'auto'],
    ["ours, `envelope: 'nest'`", 'nest'],
  ] as const) {
    transports = new Transports(redis);
    await transports.serve(interopController(kit, heardByOurs.add), { envelope });
    columns.set(column, await outcomes(byResp, ROWS, heardByOurs));
    await transports.close();
  }
  for (const [major, peer] of [
    ['11', peers[0]],
    ['12', peers[1]],
  ] as const) {
    expect(await peer.do({ do: 'serve', wildcards: true })).toBe('serving');
    columns.set(`stock ${major}`, await outcomes(byResp, ROWS, peer.heard));
    await peer.do({ do: 'rest' });
  }
  const rows = ROWS.map(([what, payload], row) => {
    const cells = [...columns.values()].map((column) => column[row] ?? '');
    return [what, payload === '' ? '' : `\`${payload}\``, ...cells];
  });
  expectProduced('interop.md', 'raw', markdownTable([['published', 'payload', ...columns.keys()], ...rows]));
});
