/** What `publisher.ts` starts: a process that knows neither Nest nor ioredis. It ends with its parent. */
import { setTimeout as pause } from 'node:timers/promises';

import { CommandClient } from '../../src/testing/command-client.js';
import { monotonicNow, type PublisherOrder, type PublisherReport } from './publisher-order.js';

const ASK_EVERY = 25;
const ASK_TIMEOUT = 250;
const REPLY_TIMEOUT = 1_000;
const LONGEST_TICK = 20;

const order = JSON.parse(process.argv[2] ?? '') as PublisherOrder;
const clients = new Map(
  order.nodes.map((node) => [
    node.name,
    new CommandClient({ ...node, ...order.operator, timeout: REPLY_TIMEOUT }),
  ]),
);
const votes = new Map<number, string | undefined>();
const outstanding = new Set<Promise<void>>();
const startedAt = monotonicNow();
let target = order.sentinels.length === 0 ? order.nodes[0]?.name : undefined;
let published = 0;

/** Asks one Sentinel again and again, and goes where a majority of all of them points. */
async function follow(sentinel: { host: string; port: number }): Promise<never> {
  const client = new CommandClient({ ...sentinel, ...order.operator, timeout: ASK_TIMEOUT });
  for (;;) {
    const reply = await client
      .send('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', order.masterName)
      .catch(() => undefined);
    const official = Array.isArray(reply) ? reply.join(':') : undefined;
    votes.set(sentinel.port, order.nodes.find((node) => node.official === official)?.name);
    const named = [...votes.values()];
    const majority = named.find(
      (name) => named.filter((vote) => vote === name).length > order.sentinels.length / 2,
    );
    target = majority ?? target;
    await pause(ASK_EVERY);
  }
}

async function publish(n: number): Promise<void> {
  const by = target ?? 'nobody';
  const sentAt = monotonicNow();
  try {
    const client = clients.get(by);
    if (!client) throw new Error('no majority of the Sentinels names a master yet');
    const receivers = Number(
      await client.send('PUBLISH', order.channel, order.payload.replaceAll('%n', String(n))),
    );
    report({ accepted: { n, by, sentAt, at: monotonicNow(), receivers } });
  } catch (error) {
    report({ refused: { n, by, sentAt, at: monotonicNow(), reason: (error as Error).message } });
  }
}

/** As many as are due by the clock: a late timer is made up for. */
function publishDue(): void {
  const due = Math.floor(((monotonicNow() - startedAt) * order.rate) / 1_000);
  while (published < due) {
    const publication = publish(++published);
    outstanding.add(publication);
    void publication.then(() => outstanding.delete(publication));
  }
}

function report(message: PublisherReport, then?: () => void): void {
  // Its parent may be gone without that having been noticed here.
  if (process.connected) process.send?.(message, undefined, undefined, then);
}

for (const sentinel of order.sentinels) void follow(sentinel);
const timer = setInterval(publishDue, Math.max(1, Math.min(LONGEST_TICK, 1_000 / order.rate)));
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);
process.on('message', () => {
  clearInterval(timer);
  void Promise.all(outstanding).then(() => report({ published }, () => process.exit()));
});
