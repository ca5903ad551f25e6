import { parseArgs } from 'node:util';

import { wholeNumber } from '../shared/numbers.js';
import { FAULTS, type Fault } from './faults.js';

/** What the command line asks for. */
export interface Settings {
  rounds: number;
  /** Milliseconds for which the host is cut off. */
  cutOff: number;
  faults: readonly Fault[];
  /** Shows what the subscribers log. */
  loud: boolean;
  /** Writes `docs/recovery.md` and its chart. */
  write: boolean;
  /** Measures nothing: writes them anew from the last results. */
  render: boolean;
  help: boolean;
}

export const HELP = `npm run bench:recovery -- [options]

  --rounds N      how often each fault strikes (3); about 5 minutes per round
  --cut-off S     seconds for which the host is cut off (20)
  --only KEYS     some faults only, separated by commas; nothing is written then:
                  ${FAULTS.map(({ key }) => key).join(', ')}
  --no-write      prints the tables, leaves docs/ alone
  --render        measures nothing, writes docs/ anew from the last results
  --loud          shows what the subscribers log`;

/** @throws TypeError or RangeError that names what is wrong with the command line. */
export function readSettings(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      rounds: { type: 'string', default: '3' },
      'cut-off': { type: 'string', default: '20' },
      only: { type: 'string' },
      write: { type: 'boolean', default: true },
      render: { type: 'boolean', default: false },
      loud: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds, 1, 100),
    cutOff: wholeNumber('cut-off', values['cut-off'], 1, 120) * 1_000,
    faults: values.only === undefined ? FAULTS : values.only.split(',').map(faultCalled),
    loud: values.loud,
    write: values.write && values.only === undefined,
    render: values.render,
    help: values.help,
  };
}

function faultCalled(key: string): Fault {
  const fault = FAULTS.find((each) => each.key === key);
  if (fault) return fault;
  throw new RangeError(
    `--only names '${key}', which is none of ${FAULTS.map((each) => each.key).join(', ')}.`,
  );
}
