import { spreadOf } from '../shared/spread.js';
import { growthIn } from './cases/flat.js';
import type { Peer } from './peers.js';
import type { Results } from './results.js';
import { ratioOf } from './statistics.js';

/** What is promised about the cost, and what this run says of it. */
export interface Verdict {
  promise: string;
  measured: string;
  holds: boolean;
}

const MEGABYTE = 2 ** 20;

/** A line for each promise whose case was measured. */
export function verdictsOf(results: Results): Verdict[] {
  return [
    ...events(results),
    ...requests(results),
    ...patterns(results),
    ...latency(results),
    ...idle(results),
    ...flat(results),
  ];
}

function events({ events: all }: Results): Verdict[] {
  const cpu = (key: string, peer: Peer) => all.find((each) => each.case === key && each.peer === peer)?.cpu;
  const compare = (key: string, peer: Peer, limit: number, promise: string): Verdict[] => {
    const [ours, other] = [cpu(key, 'ours'), cpu(key, peer)];
    return ours && other ? [below(promise, ratioOf(ours, other).median, limit)] : [];
  };
  return [
    ...compare('small', 'bare', 1.25, 'an event costs at most 1.25 × a bare strategy'),
    ...compare('small', 'stock', 0.6, 'an event costs at most 0.6 × the stock transport'),
    ...compare('bytes', 'bare', 1.3, 'undecoded bytes cost at most 1.3 × `pmessageBuffer` and the bare call'),
  ];
}

function requests({ requests: all }: Results): Verdict[] {
  const of = (peer: string) => all.find((each) => each.peer === peer && each.inFlight === 100);
  const [ours, stock] = [of('ours'), of('stock')];
  if (!ours || !stock) return [];
  return [
    above(
      '100 requests in flight: at least 1.6 × the stock throughput',
      ratioOf(ours.rate, stock.rate).median,
      1.6,
    ),
    below('their p99 is below that of the stock transport', ratioOf(ours.p99, stock.p99).median, 1),
  ];
}

function patterns({ patterns: all }: Results): Verdict[] {
  const [one, many] = [all[0], all.at(-1)];
  if (!one || !many) return [];
  const seconds = spreadOf(many.liveAgain).median / 1_000;
  return [
    below(
      '10,000 patterns cost this process at most 10 % more per message than one',
      ratioOf(many.cpu, one.cpu).median,
      1.1,
    ),
    {
      promise: '10,000 patterns are live again within 1 s of a kill',
      measured: `${seconds.toFixed(2)} s`,
      holds: seconds <= 1,
    },
  ];
}

function latency({ latency: all }: Results): Verdict[] {
  const p99 = (peer: Peer) => all.find((each) => each.peer === peer)?.p99;
  const [ours, ioredis] = [p99('ours'), p99('ioredis')];
  if (!ours || !ioredis) return [];
  const promise = 'p99 at 10,000 messages per second is at most 1.5 × ioredis alone';
  return [below(promise, ratioOf(ours, ioredis).median, 1.5)];
}

function idle({ idle: all }: Results): Verdict[] {
  const [ours, stock] = (['ours', 'stock'] as const).map((peer) => all.find((each) => each.peer === peer));
  if (!ours || !stock) return [];
  const limits: [string, number, number, string][] = [
    ['idle: less than 0.2 % of a core', spreadOf(ours.cpu).median, 0.2, '%'],
    ['idle: at most 3 commands per second on the data node', spreadOf(ours.dataCommands).median, 3, '/s'],
    ['idle: at most 1 command per second on each Sentinel', spreadOf(ours.sentinelCommands).median, 1, '/s'],
    [
      'idle: at most 20 MB more than the stock transport',
      (spreadOf(ours.rss).median - spreadOf(stock.rss).median) / MEGABYTE,
      20,
      'MB',
    ],
  ];
  return limits.map(([promise, value, limit, unit]) => ({
    promise,
    measured: `${value.toFixed(2)} ${unit}`,
    holds: value <= limit,
  }));
}

function flat({ flat: samples }: Results): Verdict[] {
  if (samples.length === 0) return [];
  const growth = growthIn(samples);
  const messages = Math.round((samples.at(-1)?.messages ?? 0) / 1e5) / 10;
  return [
    {
      promise: 'memory, timers, handles and listeners do not grow with the messages',
      measured: growth.length === 0 ? `flat over ${messages} million` : growth.join('; '),
      holds: growth.length === 0,
    },
  ];
}

function below(promise: string, value: number, limit: number): Verdict {
  return { promise, measured: `${value.toFixed(2)} ×`, holds: value <= limit };
}

function above(promise: string, value: number, limit: number): Verdict {
  return { promise, measured: `${value.toFixed(2)} ×`, holds: value >= limit };
}
