import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as microservices from '@nestjs/microservices';
import * as rxjs from 'rxjs';
import { type RedisNode, startRedis } from '../../src/testing/index.js';
import { Collector } from '../support/collector.js';
import { askInWords, interopController } from '../support/interop-handlers.js';
import { expectProduced, markdownTable } from '../support/produced-page.js';
import { StockPeer } from '../support/stock-peer.js';
import { Transports } from '../support/transport.js';
import { WireTap } from '../support/wire-tap.js';

type Party = 'ours' | 'stock 11' | 'stock 12';
type Row = readonly [what: string, kind: 'request' | 'emit', pattern: unknown, data: unknown];

const NOBODY: Row = ['a request to nobody', 'request', 'unheard', 1];
const EXACT: readonly Row[] = [
  ['an event', 'emit', 'told', { id: 1 }],
  ['an event whose pattern is an object', 'emit', { event: 'told' }, 'hello'],
  ['an event to a handler of requests', 'emit', 'sum', [1, 2]],
  ['a request, answered with a value', 'request', 'sum', [1, 2, 3]],
  ['… whose pattern is an object, with a promise', 'request', { cmd: 'later' }, { deep: ['ü', null, 1.5] }],
  ['… whose pattern is a number, with many values', 'request', 7, ''],
  ['… with nothing', 'request', 'nothing', ''],
  ['… with an empty Observable', 'request', 'empty', ''],
  ['… with an `Error`', 'request', 'throws', ''],
  ['… with an `RpcException` of a text', 'request', 'refuses', ''],
  ['… with an `RpcException` of an object', 'request', 'refuses.with', ''],
  ['… with an Observable that fails', 'request', 'breaks', ''],
  ['a request to a handler of events', 'request', 'told', 1],
  NOBODY,
];
const WILDCARDS: readonly Row[] = [
  ['an event to a handler of `news.*`', 'emit', 'news.today', 'rain'],
  ['a request to a handler of `users.*`', 'request', 'users.get', 1],
  ['… with many values', 'request', 'lists.all', ''],
  ['… with an `RpcException`', 'request', 'fails.always', ''],
];
const PAIRS: readonly (readonly [client: Party, server: Party])[] = [
  ['stock 12', 'stock 12'],
  ['stock 11', 'ours'],
  ['stock 12', 'ours'],
  ['ours', 'stock 11'],
  ['ours', 'stock 12'],
  ['ours', 'ours'],
  ['stock 11', 'stock 11'],
];

const heardByOurs = new Collector<string>();
const outcomes = new Map<string, ReadonlyMap<string, string>>();
let redis: RedisNode;
let peers: Record<'stock 11' | 'stock 12', StockPeer>;
let transports: Transports;

beforeAll(async () => {
  redis = await startRedis();
  const [eleven, twelve] = await StockPeer.startBoth(redis);
  peers = { 'stock 11': eleven, 'stock 12': twelve };
});
afterAll(async () => {
  await Promise.all(Object.values(peers).map((peer) => peer.stop()));
  await redis.stop();
});
afterEach(() => transports.close());

async function serve(party: Party, wildcards: boolean): Promise<Collector<string>> {
  if (party === 'ours') {
    await transports.serve(interopController({ common, core, microservices, rxjs }, heardByOurs.add));
    return heardByOurs;
  }
  const peer = peers[party];
  transports.keep({ close: () => peer.do({ do: 'rest' }) });
  expect(await peer.do({ do: 'serve', wildcards })).toBe('serving');
  return peer.heard;
}

/** Sends an event, and tells what its handler got. */
async function emit(party: Party, [, , pattern, data]: Row, heard: Collector<string>): Promise<string> {
  const before = heard.items.length;
  if (party === 'ours') transports.client().emit(pattern, data);
  else expect(await peers[party].do({ do: 'emit', pattern, data })).toBe('sent');
  return (await heard.atLeast(before + 1))[before] ?? '';
}

/** Sends a request, and tells what its sender sees. */
function ask(party: Party, [, , pattern, data]: Row, hopeless: boolean): Promise<string> {
  if (party !== 'ours') return peers[party].do({ do: 'request', pattern, data, hopeless });
  return askInWords(transports.client(), pattern, data, hopeless, { rxjs });
}

/** Nest 11 replies to wildcard requests where no client listens. */
function isHopeless(server: Party, row: Row): boolean {
  return row === NOBODY || (server === 'stock 11' && WILDCARDS.includes(row));
}

describe('the same messages between', () => {
  it.each(PAIRS)('the client "%s" and the server "%s"', async (client, server) => {
    const found = new Map<string, string>();
    for (const rows of [EXACT, WILDCARDS]) {
      transports = new Transports(redis);
      const heard = await serve(server, rows === WILDCARDS);
      for (const row of rows) {
        const outcome =
          row[1] === 'emit' ? emit(client, row, heard) : ask(client, row, isHopeless(server, row));
        found.set(keyOf(row), await outcome);
      }
      await transports.close();
    }
    outcomes.set(`${client} → ${server}`, found);
    const expected = new Map(outcomes.get('stock 12 → stock 12'));
    for (const row of WILDCARDS) {
      if (row[1] === 'request' && server === 'stock 11') expected.set(keyOf(row), 'no reply');
    }
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  it('are told in docs/interop.md', () => {
    const [reference = '', ...others] = PAIRS.map((pair) => pair.join(' → '));
    const shown = others.slice(0, -1);
    const standard = outcomes.get(reference);
    const rows = [...EXACT, ...WILDCARDS].map((row) => {
      const arrives = standard?.get(keyOf(row)) ?? '';
      const cells = shown.map((pair) => {
        const found = outcomes.get(pair)?.get(keyOf(row)) ?? 'not tried';
        return found === arrives ? 'same' : found;
      });
      return [row[0], arrives, ...cells];
    });
    expectProduced('interop.md', 'messages', markdownTable([['message', 'what arrives', ...shown], ...rows]));
  });
});

const keyOf = ([what, , pattern]: Row): string => `${what}: ${JSON.stringify(pattern)}`;

describe('on the wire', () => {
  const EVENT: Row = ['an event', 'emit', 'told', { id: 1 }];
  const REQUESTS: readonly Row[] = EXACT.filter((row) => row[1] === 'request' && row !== NOBODY);

  it('events, requests and replies are written alike, letter by letter', async () => {
    const written = new Map<Party, string[][]>();
    for (const party of ['stock 11', 'stock 12', 'ours'] as const) {
      transports = new Transports(redis);
      const tap = transports.keep(await WireTap.on(redis));
      const heard = await serve(party, false);
      const rows: string[][] = [];
      for (const row of [EVENT, ...REQUESTS]) {
        tap.clear();
        await (row === EVENT ? emit(party, row, heard) : ask(party, row, false));
        const ofOne = row === EVENT ? await tap.events(1) : await tap.exchange();
        rows.push(
          ...ofOne.map(([channel, text], index) => [index === 0 ? row[0] : '', channel, `\`${text}\``]),
        );
      }
      written.set(party, rows);
      await transports.close();
    }
    expect(written.get('ours')).toEqual(written.get('stock 12'));
    expect(written.get('stock 11')).toEqual(written.get('stock 12'));
    const rows = (written.get('ours') ?? []).map(([what = '', channel = '', text = '']) => [
      what,
      `\`${channel}\``,
      text,
    ]);
    expectProduced('interop.md', 'wire', markdownTable([['message', 'channel', 'text'], ...rows]));
  });
});
