import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ServerRedis } from '@nestjs/microservices';
import { freePort, type RedisNode, startRedis } from '../../src/testing/index.js';
import { type Behaviour, BEHAVIOURS, reset } from '../support/migration-behaviours.js';
import { ourSide, type Side, stockSide } from '../support/migration-sides.js';
import { expectProduced, markdownTable } from '../support/produced-page.js';

const MAJOR = 'handleRequest' in ServerRedis.prototype ? 12 : 11;

let redis: RedisNode;
let side: Side;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  redis.thaw();
  reset();
  await side.close();
});

describe.each(BEHAVIOURS)('$what', (behaviour: Behaviour) => {
  const { stock, ours, away } = behaviour;
  it.each([
    ['stock', typeof stock === 'string' ? stock : stock[MAJOR], stockSide],
    ['ours', ours, ourSide],
  ] as const)('%s: %s', async (_, expected, sideOn) => {
    side = sideOn(redis, away ? { port: await freePort() } : {});
    expect(await behaviour.observe(side)).toBe(expected);
  });
});

it('docs/migrating.md tells each of them', async () => {
  const inWords = (stock: Behaviour['stock']): string =>
    typeof stock === 'string' ? stock : `Nest 11: ${stock[11]}; Nest 12: ${stock[12]}`;
  const isSame = ({ stock, ours }: Behaviour): boolean => stock === ours;
  const changed = BEHAVIOURS.filter((one) => !isSame(one)).map(({ what, stock, ours }) => [
    what,
    inWords(stock),
    ours,
  ]);
  const same = BEHAVIOURS.filter(isSame).map(({ what, ours }) => [what, ours]);
  const head = ['what happens', '`Transport.REDIS`', 'this package'];
  expectProduced('migrating.md', 'changes', markdownTable([head, ...changed]));
  expectProduced('migrating.md', 'stays', markdownTable([['what happens', 'with both'], ...same]));
});
