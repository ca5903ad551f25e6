import { parseArgs } from 'node:util';

import { wholeNumber } from '../shared/numbers.js';

export const CASES = ['events', 'latency', 'requests', 'patterns', 'idle', 'flat'] as const;
export type Case = (typeof CASES)[number];

/** What the command line asks for. */
export interface Settings {
  rounds: number;
  cases: readonly Case[];
  /** Messages through one process in the case `flat`. */
  messages: number;
  /** A tenth of every load: quick, rough, and never written. */
  quick: boolean;
  /** Writes `docs/performance.md` and its charts. */
  write: boolean;
  /** Measures nothing: writes them anew from the last results. */
  render: boolean;
  help: boolean;
}

export const HELP = `npm run bench -- [options]

  --rounds N      how often everything is measured (5); about 10 minutes in all
  --only CASES    some cases only, separated by commas; nothing is written then:
                  ${CASES.join(', ')}
  --messages N    how many messages the case flat sends (10000000)
  --quick         a tenth of every load, to see that it works; nothing is written
  --no-write      prints the tables, leaves docs/ alone
  --render        measures nothing, writes docs/ anew from the last results`;

/** @throws TypeError or RangeError that names what is wrong with the command line. */
export function readSettings(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      messages: { type: 'string', default: '10000000' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: true },
      render: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds, 1, 100),
    cases: values.only === undefined ? CASES : values.only.split(',').map(caseCalled),
    messages: wholeNumber('messages', values.messages, 100_000, 1_000_000_000),
    quick: values.quick,
    write: values.write && values.only === undefined && !values.quick,
    render: values.render,
    help: values.help,
  };
}

function caseCalled(key: string): Case {
  const found = CASES.find((each) => each === key);
  if (found) return found;
  throw new RangeError(`--only names '${key}', which is none of ${CASES.join(', ')}.`);
}
