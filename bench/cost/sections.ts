import { spreadOf, spreadWords } from '../shared/spread.js';
import { EVENT_CASES } from './cases/events.js';
import { LOADS } from './cases/requests.js';
import { ASKED, PEERS } from './peers.js';
import type { Results } from './results.js';
import { ratioOf } from './statistics.js';

/** A table with its words, for the terminal and for the page. */
export interface Section {
  title: string;
  about: string;
  head: string[];
  lines: string[][];
}

const MEGABYTE = 2 ** 20;

/** One section for each case that was measured. */
export function sectionsOf(results: Results): Section[] {
  return [
    events(results),
    throughput(results),
    latency(results),
    ...LOADS.map(({ inFlight, requests }) => asked(results, inFlight, requests)),
    patterns(results),
    redis(results),
    idle(results),
    flat(results),
  ].filter(({ lines }) => lines.length > 0);
}

function events({ events: all }: Results): Section {
  return {
    title: 'CPU of one event',
    about:
      'Microseconds of CPU in the subscribing process for each message, all of its threads and the garbage collector included. The ratios are medians of the ratios round by round.',
    head: ['', ...Object.values(PEERS).map(({ title }) => title), '× bare', '× stock'],
    lines: EVENT_CASES.flatMap(({ key, title }) => {
      const ofCase = all.filter((each) => each.case === key);
      const ours = ofCase.find(({ peer }) => peer === 'ours');
      if (!ours) return [];
      const cells = Object.keys(PEERS).map((peer) => {
        const result = ofCase.find((each) => each.peer === peer);
        return result ? micros(result.cpu) : '–';
      });
      const ratios = (['bare', 'stock'] as const).map((peer) => {
        const other = ofCase.find((each) => each.peer === peer);
        return other ? ratioOf(ours.cpu, other.cpu).median.toFixed(2) : '–';
      });
      return [[title, ...cells, ...ratios]];
    }),
  };
}

function throughput({ events: all }: Results): Section {
  return {
    title: 'Events per second, and memory',
    about:
      'As many as came through when the publisher sent as fast as Redis took them; subscriber, Redis and publisher share the machine. Memory is what the process occupies after the small JSON events.',
    head: ['', ...EVENT_CASES.map(({ title }) => title), 'memory'],
    lines: Object.entries(PEERS).flatMap(([peer, { title }]) => {
      const ofPeer = all.filter((each) => each.peer === peer);
      const small = ofPeer.find((each) => each.case === 'small');
      if (!small) return [];
      const cells = EVENT_CASES.map(({ key }) => {
        const result = ofPeer.find((each) => each.case === key);
        return result ? thousands(spreadOf(result.rate).median) : '–';
      });
      return [[title, ...cells, `${(small.rss / MEGABYTE).toFixed(0)} MB`]];
    }),
  };
}

function latency({ latency: all }: Results): Section {
  return {
    title: 'Latency at 10,000 messages per second',
    about:
      'Milliseconds from the moment a message was due to its handler, ten messages every millisecond. A publisher that is late is counted as latency too (no coordinated omission), for everybody alike.',
    head: ['', 'p50', 'p99', 'p99.9'],
    lines: all.map(({ peer, p50, p99, p999 }) => [PEERS[peer].title, ...[p50, p99, p999].map(millis)]),
  };
}

function asked({ requests: all }: Results, inFlight: number, count: number): Section {
  return {
    title: `Requests, ${inFlight} in flight`,
    about: `${whole(count)} requests of a client to a server in the same process, through Redis. CPU is that of client and server together.`,
    head: ['', 'requests per second', 'CPU (µs)', 'p50 (ms)', 'p99 (ms)', 'p99.9 (ms)'],
    lines: all
      .filter((each) => each.inFlight === inFlight)
      .map(({ peer, rate, cpu, p50, p99, p999 }) => [
        ASKED[peer].title,
        spreadWords(spreadOf(rate), whole),
        micros(cpu),
        ...[p50, p99, p999].map(millis),
      ]),
  };
}

function patterns({ patterns: all }: Results): Section {
  return {
    title: 'Many patterns, in this process',
    about:
      'Microseconds of CPU per message, 5,000 a second in bursts of 100, all on one of the patterns or on all in turn (then what belongs to a pattern has left the caches of the processor when its next message comes); and the time from a kill of the connection until a message on the last pattern is handled.',
    head: ['patterns', 'CPU, on one of them', '× one pattern', 'CPU, on all in turn', 'live again (ms)'],
    lines: all.map(({ patterns: count, cpu, inTurn, liveAgain }) => [
      whole(count),
      micros(cpu),
      ratioOf(cpu, all[0]?.cpu ?? []).median.toFixed(2),
      micros(inTurn),
      spreadWords(spreadOf(liveAgain), whole),
    ]),
  };
}

function redis({ redis: all }: Results): Section {
  return {
    title: 'Many patterns, in Redis',
    about:
      'Redis tries every pattern of every client at every PUBLISH, whoever publishes and whatever fits; it looks exact names up. So name a channel exactly wherever you can: this library then uses SUBSCRIBE by itself.',
    head: ['subscribed by somebody', 'microseconds of Redis for each PUBLISH'],
    lines: all.map(({ kind, subscriptions, perPublish }) => [
      kind === 'none'
        ? 'nothing'
        : `${whole(subscriptions)} ${kind === 'channels' ? 'exact names' : 'patterns'}`,
      perPublish.toFixed(1),
    ]),
  };
}

function idle({ idle: all }: Results): Section {
  return {
    title: 'Idle, at default options',
    about:
      'One pattern, three data nodes, three Sentinels, nothing to hear: what the keep-alive itself costs, a minute and a half after the start, when V8 has collected what that left behind. Commands and bytes are counted on the wire.',
    head: [
      '',
      'CPU (% of a core)',
      'commands/s, data nodes',
      'commands/s, each Sentinel',
      'bytes/s',
      'memory (MB)',
    ],
    lines: all.map(({ peer, cpu, dataCommands, sentinelCommands, bytes, rss }) => [
      PEERS[peer].title,
      spreadWords(spreadOf(cpu), (value) => value.toFixed(2)),
      ...[dataCommands, sentinelCommands].map((values) =>
        spreadWords(spreadOf(values), (value) => value.toFixed(1)),
      ),
      spreadWords(spreadOf(bytes), whole),
      spreadWords(spreadOf(rss), (value) => (value / MEGABYTE).toFixed(0)),
    ]),
  };
}

function flat({ flat: all }: Results): Section {
  return {
    title: `${whole(all.at(-1)?.messages ?? 0)} messages through one process`,
    about:
      'After each tenth, with the garbage collected: heap in use, memory that the process occupies, timers, other handles, and the listeners on the process and its sockets.',
    head: ['messages', 'heap (MB)', 'memory (MB)', 'timers', 'handles', 'listeners'],
    lines: all.map(({ messages, heap, rss, timers, handles, listeners }) => [
      whole(messages),
      (heap / MEGABYTE).toFixed(1),
      (rss / MEGABYTE).toFixed(0),
      ...[timers, handles, listeners].map(String),
    ]),
  };
}

function micros(values: readonly number[]): string {
  return spreadWords(spreadOf(values), (value) => value.toFixed(1));
}

function millis(values: readonly number[]): string {
  return spreadWords(spreadOf(values), (value) => value.toFixed(2));
}

function thousands(value: number): string {
  return whole(value >= 10_000 ? Math.round(value / 1_000) * 1_000 : Math.round(value / 100) * 100);
}

/** As `10,000`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
