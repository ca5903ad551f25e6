/** What `traffic.ts` starts: publishes numbered messages directly to the servers, past all links, and watches the Sentinels. */
import { CommandClient } from '../../src/testing/command-client.js';
import { monotonicNow } from '../support/publisher-order.js';
import type { Naming, Sent, TrafficOrder, TrafficReport, TrafficRequest } from './traffic-order.js';

const TICK = 10;
const ASK_EVERY = 25;
const REPORT_EVERY = 50;
const ASK_TIMEOUT = 250;
const REPLY_TIMEOUT = 1_000;

const order = JSON.parse(process.argv[2] ?? '') as TrafficOrder;
const { operator, masterName, nodes, sentinels, streams } = order;
const clients = new Map(
  nodes.map((node) => [node.name, new CommandClient({ ...node, ...operator, timeout: REPLY_TIMEOUT })]),
);
const asking = sentinels.map((one) => new CommandClient({ ...one, ...operator, timeout: ASK_TIMEOUT }));
let startedAt = monotonicNow();
let pausedAt: number | null = startedAt;
const due = streams.map(() => 0);
const naming = new Map<number, Naming>();
const outstanding = new Set<Promise<void>>();
let sent: Sent[] = [];
let numbers = 0;
let target = nodes[0]?.name ?? '';

/** What a Sentinel says holds until it says something else; one that does not answer has not changed its mind. */
async function ask(client: CommandClient, sentinel: number): Promise<void> {
  const sentAt = monotonicNow();
  const reply = await client.send('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName).catch(() => undefined);
  const official = Array.isArray(reply) ? reply.join(':') : undefined;
  const node = nodes.find((one) => one.official === official)?.name;
  if (node === undefined) return;
  const known = naming.get(sentinel);
  if (known?.node === node) known.to = sentAt;
  else naming.set(sentinel, { sentinel, node, from: monotonicNow(), to: sentAt });
  const votes = [...naming.values()];
  target =
    nodes.find(({ name }) => votes.filter((vote) => vote.node === name).length > sentinels.length / 2)
      ?.name ?? target;
}

function askAgain(client: CommandClient, sentinel: number): void {
  void ask(client, sentinel).finally(() => {
    setTimeout(() => askAgain(client, sentinel), ASK_EVERY);
  });
}

async function publish(stream: number): Promise<void> {
  const { channel, payload, node: by = target } = streams[stream] as (typeof streams)[number];
  const n = ++numbers;
  const sentAt = monotonicNow();
  const accepted = await clients
    .get(by)
    ?.send('PUBLISH', channel, payload.replaceAll('%n', String(n)))
    .then(
      () => true,
      () => false,
    );
  sent.push({ n, stream, by, sentAt, at: monotonicNow(), accepted: accepted === true });
}

function send(stream: number): void {
  const publication = publish(stream);
  outstanding.add(publication);
  void publication.then(() => outstanding.delete(publication));
}

/** As many as are due by the clock: a late timer is made up for. */
function sendDue(): void {
  if (pausedAt !== null) return;
  const elapsed = (monotonicNow() - startedAt) / 1_000;
  streams.forEach(({ rate }, stream) => {
    for (let count = due[stream] ?? 0; count < Math.floor(elapsed * rate); count++) {
      due[stream] = count + 1;
      send(stream);
    }
  });
}

function report(paused?: true): void {
  const message: TrafficReport = { sent, naming: [...naming.values()], ...(paused ? { paused } : {}) };
  sent = [];
  process.send?.(message);
}

function take(request: TrafficRequest): void {
  if (request === 'pause') {
    pausedAt ??= monotonicNow();
    void Promise.all(outstanding).then(() => report(true));
  } else if (request === 'resume') {
    startedAt += monotonicNow() - (pausedAt ?? monotonicNow());
    pausedAt = null;
  } else {
    for (let count = 0; count < request.burst; count++) send(0);
  }
}

asking.forEach(askAgain);
setInterval(sendDue, TICK);
setInterval(report, REPORT_EVERY, undefined);
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);
process.on('message', take);
