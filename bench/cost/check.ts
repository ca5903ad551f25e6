import { parseArgs } from 'node:util';

import { spreadOf } from '../shared/spread.js';
import { columns, Progress } from '../shared/terminal.js';
import { burst, event } from './cases/events.js';
import { deliver, Lab, type Program } from './lab.js';
import { ratioOf } from './statistics.js';

/** An event may cost so many times what it costs through a bare strategy. */
const LIMIT = 1.4;
const COUNT = 40_000;
const WARM_UP = 3;
/** Rounds until a first verdict; one that is bad is thought over twice, because a busy machine spoils some rounds. */
const ROUNDS = 7;
const VERDICTS = 3;
/** Microseconds wasted on each message of the third peer, which must be found too slow. */
const HANDICAP = 10;

const HELP = `npm run bench:check -- [options]

  --handicap N    microseconds wasted on each message of this library, to see the check fail (0)`;

interface Runner {
  title: string;
  subscriber: Program;
  /** Microseconds of CPU per message, a value per round. */
  cpu: number[];
}

/** Resolves with the exit code: 1 where an event costs too much, or where the check would not notice. */
export async function check(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { handicap: { type: 'string', default: '0' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const lab = new Lab();
  try {
    return await compare(lab, Number(values.handicap));
  } finally {
    await lab.stop();
  }
}

async function compare(lab: Lab, handicap: number): Promise<number> {
  const progress = new Progress();
  const redis = await lab.redis();
  const publisher = await lab.publisher(redis);
  const start = async (title: string, program: string, slowed: number): Promise<Runner> => {
    const assignment = { redis: redis.clientAddress, patterns: [`${title}.*`], handicap: slowed };
    return { title, subscriber: await lab.subscriber(program, assignment), cpu: [] };
  };
  const bare = await start('bare', 'bare', 0);
  const ours = await start('ours', 'redis-resilient', handicap);
  const slowed = await start('slowed', 'redis-resilient', HANDICAP);
  const runners = [bare, ours, slowed];
  const round = async (keep: boolean): Promise<void> => {
    for (const { title, subscriber, cpu } of runners) {
      const order = burst(`${title}.new`, event(`${title}.new`), COUNT);
      const reading = await deliver(publisher, subscriber, order);
      if (keep) cpu.push(reading.cpu / order.count);
    }
  };
  const ratio = (): number => ratioOf(ours.cpu, bare.cpu).median;
  for (let n = 0; n < WARM_UP; n++) await round(false);
  for (let verdict = 1; verdict === 1 || (verdict <= VERDICTS && ratio() > LIMIT); verdict++) {
    for (let n = 0; n < ROUNDS; n++) {
      progress.say(`round ${bare.cpu.length + 1}`);
      await round(true);
    }
  }
  const lines = runners.map(({ title, cpu }) => [
    title,
    `${spreadOf(cpu).median.toFixed(2)} µs`,
    `${ratioOf(cpu, bare.cpu).median.toFixed(2)} × bare`,
  ]);
  progress.print(`CPU of one small JSON event, median of ${bare.cpu.length} rounds`, ...columns(lines));
  if (ratioOf(slowed.cpu, bare.cpu).median <= LIMIT) {
    console.error(`The check is blind: ${HANDICAP} µs more for each event stay within ${LIMIT} × bare.`);
    return 1;
  }
  if (ratio() <= LIMIT) return 0;
  console.error(
    `An event costs ${ratio().toFixed(2)} × the bare strategy; ${LIMIT} is the limit. Profile it:`,
  );
  console.error('bench/cost/programs/redis-resilient.ts runs with node --cpu-prof.');
  return 1;
}
