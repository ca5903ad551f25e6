import { table } from '../shared/markdown.js';
import { type Spread, spreadOf } from '../shared/spread.js';
import { EVENT_CASES } from './cases/events.js';
import { PEERS } from './peers.js';
import type { Results } from './results.js';
import { type Section, sectionsOf } from './sections.js';
import { verdictsOf } from './verdicts.js';

/** The whole of `docs/performance.md`, before it is formatted. */
export function documentOf(results: Results): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return [
    '# What it costs, measured',
    '![Microseconds of CPU for one event](performance-events.svg)',
    `This library beside what one would take instead: the transport that comes with Nest, ioredis alone, and a bare strategy that does nothing but look the handler up, parse and call it. Each figure is the median of ${results.rounds} rounds in which everybody took turns, with the least and the most in parentheses where they differ. ${results.machine}; ${versions.join(', ')}.`,
    '`npm run bench` measures it anew and writes this page; `-- --help` tells the options. `npm run bench:check` compares the event path with the bare strategy in less than a minute, and is a step of `npm test`.',
    '## What is promised',
    table(
      ['', 'this run', ''],
      verdictsOf(results).map(({ promise, measured, holds }) => [
        promise,
        measured,
        holds ? 'holds' : '**missed**',
      ]),
    ),
    '![Requests per second](performance-requests.svg)',
    ...sectionsOf(results).flatMap(sectionWords),
    '## Where another is as good, or better',
    ...honestWords(results),
    ...METHOD,
  ].join('\n\n');
}

function sectionWords({ title, about, head, lines }: Section): string[] {
  return [`## ${title}`, about, table(head, lines)];
}

/** What the least and the most of two have in common is the weather of the machine. */
function overlaps(one: Spread, other: Spread): boolean {
  return one.least <= other.most && other.least <= one.most;
}

function honestWords({ events, latency, requests }: Results): string[] {
  const lines: string[] = [];
  const compare = (
    what: string,
    ours: readonly number[],
    name: string,
    other: readonly number[],
    sign: 1 | -1,
  ) => {
    const [one, two] = [spreadOf(ours), spreadOf(other)];
    if (overlaps(one, two)) lines.push(`- **${what}**: ${name} is as good.`);
    else if (sign * (two.median - one.median) < 0) lines.push(`- **${what}**: ${name} is better.`);
  };
  for (const { key, title } of EVENT_CASES) {
    const ofCase = events.filter((each) => each.case === key);
    const ours = ofCase.find(({ peer }) => peer === 'ours');
    for (const other of ofCase)
      if (ours && other !== ours) compare(`CPU, ${title}`, ours.cpu, PEERS[other.peer].title, other.cpu, 1);
  }
  const ourLatency = latency.find(({ peer }) => peer === 'ours');
  for (const other of latency) {
    if (ourLatency && other !== ourLatency)
      compare('p99 at 10,000/s', ourLatency.p99, PEERS[other.peer].title, other.p99, 1);
  }
  for (const inFlight of new Set(requests.map((each) => each.inFlight))) {
    const ofLoad = requests.filter((each) => each.inFlight === inFlight);
    const ours = ofLoad.find(({ peer }) => peer === 'ours');
    for (const other of ofLoad) {
      if (!ours || other === ours) continue;
      const name = {
        ours: '',
        byHand: 'ioredis by hand',
        stock: 'stock Nest',
        pipelined: 'stock Nest with auto-pipelining',
      };
      compare(`requests per second, ${inFlight} in flight`, ours.rate, name[other.peer], other.rate, -1);
    }
  }
  return [
    'As good means that the spreads of the rounds overlap.',
    lines.length === 0 ? 'In no case.' : lines.join('\n'),
    'ioredis alone runs no pipeline of Nest: no pipes, no guards, no exception filters. The bare strategy has no error handling, no replies, no drain, takes every message for an event, and goes deaf as ioredis does.',
    'Behind a pipe, a guard and an interceptor a process settles at one of two costs, more than a factor of two apart, and stays there. All that Nest makes for a message lives until its promises are settled, and the messages of one read, some four hundred, live together; V8 may take such objects for long-lived ones and place them so from then on. Of 27 processes it did so in 11; with `node --no-allocation-site-pretenuring` in none of 8.',
  ];
}

const METHOD: readonly string[] = [
  '## Method',
  [
    '- One Redis on the loopback, no persistence. The publisher is a process of its own that writes commands in batches over a plain socket; every subscriber is a process of its own and runs the compiled package. Redis may hold as much for a subscriber as it likes, so that a slow one is measured and not cut off.',
    '- An event is the packet that a client of Nest sends, `{"pattern","data"}`, with four fields in its data, received through one wildcard. The stock transport has `wildcards: true`. The handlers do nothing but count.',
    '- CPU is `process.cpuUsage()` from the order to the last handler, divided by the messages; two bursts before the first round let the compiler settle.',
    '- Percentiles count every message of a round. A message has a moment at which it is due; what it waits for in the publisher, in Redis and in the subscriber counts.',
    '- Requests are asked by `client.send()`, the next one when one is answered. "By hand" is the least that one can write with ioredis: auto-pipelining, one inbox for all replies, no Nest.',
  ].join('\n'),
  'What the client and the server publish in one turn of the event loop goes out in one write. ioredis has auto-pipelining for that; it is not used here, because it costs more than it saves: see the line of the stock transport that has it.',
];
