import { compare, TOLERANCE } from './comparison.js';
import { COMPETITORS } from './competitors.js';
import { FAULTS, titleOf } from './faults.js';
import { DOWN_AFTER, RATE } from './rates.js';
import { rowsOf, type Results, type Row } from './results.js';
import { table } from '../shared/markdown.js';
import { spreadWords } from '../shared/spread.js';
import { countWords, deafWords, endWords, roundWords, seconds } from './words.js';

const titles = COMPETITORS.map(({ title }) => title);

/** The whole of `docs/recovery.md`, before it is formatted. */
export function documentOf(results: Results): string {
  const rows = rowsOf(results);
  return [
    ...opening(results),
    '## Deaf, in seconds',
    'The longest silence of the application from the fault to the end of the watch. `never`: still silent then, or the process has ended; how it ended is added. The last column is the time in which no server accepted a message: nobody can be deaf for less. An isolated old master, and an old one during a planned failover, accepts messages until the Sentinels name another.',
    table(
      ['', ...titles, 'nobody could publish'],
      rows.map(({ fault, cells, mute }) => [
        titleOf(fault),
        ...cells.map(deafWords),
        spreadWords(mute, seconds),
      ]),
    ),
    '## Lost',
    `Messages that a server accepted and the application never got, at ${RATE} per second. Where the table above says \`never\`, the number says only for how long the bench has watched.`,
    table(
      ['', ...titles],
      rows.map(({ fault, cells }) => [titleOf(fault), ...cells.map(({ lost }) => countWords(lost))]),
    ),
    '## Late, twice, died',
    'Late: handled more than a second after a server accepted it. Twice: handled more than once. Died: the process ended of itself. Only where there is something to tell.',
    table(['', '', 'late', 'twice', 'died'], remarkable(rows, results.rounds)),
    '## Where another is as good, or better',
    ...honestWords(rows),
    ...method(results),
  ].join('\n\n');
}

function opening({ rounds, versions }: Results): string[] {
  const of = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    '# How subscribers recover, measured',
    '![Deaf seconds per fault, this library beside the others](recovery.svg)',
    `Every subscriber is a process of its own and is hit by the same fault in the same moment, behind links of the same kind; ${titles.length} subscribers, ${FAULTS.length} faults. Each cell is the median of ${roundWords(rounds)}, with the least and the most in parentheses where they differ. ${of.join(', ')}.`,
    '`npm run bench:recovery` measures it anew and writes this page; `-- --help` tells the options.',
  ];
}

function remarkable(rows: readonly Row[], rounds: number): string[][] {
  return rows.flatMap(({ fault, cells }) =>
    cells.flatMap(({ late, twice, died }, index) =>
      late.most + twice.most + died.length === 0
        ? []
        : [
            [
              titleOf(fault),
              titles[index] ?? '',
              countWords(late),
              countWords(twice),
              endWords(died, rounds),
            ],
          ],
    ),
  );
}

function honestWords(rows: readonly Row[]): string[] {
  const comparisons = compare(rows, titles);
  const asGood = comparisons.filter(({ asGood: others }) => others.length > 0);
  const better = comparisons.filter(({ better: others }) => others.length > 0);
  const line = (fault: string, others: string[], first: string) =>
    `- **${titleOf(fault)}**: ${others.join('; ')}. This library: ${first}.`;
  return [
    `Differences of up to ${TOLERANCE.deaf} s and ${TOLERANCE.lost} messages are the weather of the machine.`,
    asGood.length === 0
      ? 'At no fault is another as good.'
      : `As good:\n\n${asGood.map(({ fault, asGood: others, first }) => line(fault, others, first)).join('\n')}`,
    better.length === 0
      ? 'At no fault is another better by more than that.'
      : `Better, in time or in messages:\n\n${better.map(({ fault, better: others, first }) => line(fault, others, first)).join('\n')}`,
    'What the tables do not show: only this library says afterwards in which stretch of time it may have missed something. And the others had to be tuned for this, option by option, by somebody who knew the faults; what is luck shows in the spread.',
  ];
}

function method({ cutOff }: Results): string[] {
  return [
    '## Method',
    `One master, two replicas and three Sentinels (\`down-after-milliseconds ${DOWN_AFTER}\`), started anew for each fault. One publisher, a process of its own, sends ${RATE} numbered messages per second straight to the server that a majority of the Sentinels names, and moves as soon as they name another. When every subscriber has heard it for a while, the fault strikes. Afterwards the numbers that were accepted are compared with the numbers that came. Where the Sentinels elect nobody within the watch, the run says nothing about subscribers and is repeated.`,
    table(
      ['fault', 'what is done', 'watched for'],
      FAULTS.map((fault) => [
        fault.title,
        fault.about,
        `${Math.round(fault.watch({ cutOff: cutOff * 1_000 }) / 1_000)} s`,
      ]),
    ),
    `The host is cut off for ${cutOff} s. All pub/sub goes to the pattern \`orders.*\`, as an ACL user with no other channels than those it needs.`,
    '## How each is set up',
    'Beside the addresses of the Sentinels, the name of the master, user and password:',
    COMPETITORS.map(({ title, options, beside }) => {
      const words = optionWords(options);
      return `- **${title}**: ${[...words, beside].filter(Boolean).join(', ') || 'nothing'}`;
    }).join('\n'),
    'The stock transport has `wildcards: true` as well. "Best options" are documented options with the values that did best in this lab, some of them tighter than one would dare in production.',
    '## Limits of this lab',
    [
      '- A link is a TCP proxy on the loopback: what a black hole takes away is the bytes between the applications, while the kernels go on answering each other. So TCP keep-alive would see nothing; where a subscriber asks for it (`keepAlive: 1000`), the lab closes the silent connection after 11 s, which is what Linux and Node.js do (10.8 s between two network namespaces without a route for the replies; 40.1 s with the 30 s that ioredis and node-redis have as default).',
      '- When such a link heals, what was held back comes at once. TCP itself takes up to some seconds more, as it has to send again first.',
      '- node-redis is reached without address translation, over links of the same kind: with `nodeAddressMap` it connects anew whenever it looks at the Sentinels, and loses messages each time.',
      '- Reaching the end of its event loop ends a process (`exit 0`). An application that also serves HTTP would live on, as deaf.',
      '- `never` means: not within the watch. A subscriber that has given up stays as it is; one that waits for TCP may come back after minutes or a quarter of an hour.',
    ].join('\n'),
  ];
}

/** Each option as code, nested ones by their path. */
function optionWords(options: object, path = ''): string[] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? optionWords(value, `${path}${name}.`)
      : `\`${path}${name}: ${String(value)}\``,
  );
}
