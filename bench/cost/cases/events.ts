import type { Assignment } from '../programs/assignment.js';
import { deliver, type Lab, type Program } from '../lab.js';
import { type Peer, PEERS } from '../peers.js';
import type { CaseTools } from '../tools.js';

/** One kind of event, and who can take it. */
export interface EventCase {
  key: string;
  title: string;
  /** Bytes of payload; the small ones are as long as they are. */
  size?: number;
  handler: Assignment['handler'];
  /** Messages in one burst. */
  count: number;
  peers: readonly Peer[];
}

const ALL: readonly Peer[] = ['ours', 'bare', 'ioredis', 'stock'];

export const EVENT_CASES: readonly EventCase[] = [
  { key: 'small', title: 'small JSON', handler: 'plain', count: 100_000, peers: ALL },
  { key: '1kb', title: 'JSON, 1 KB', size: 1_024, handler: 'plain', count: 50_000, peers: ALL },
  { key: '64kb', title: 'JSON, 64 KB', size: 65_536, handler: 'plain', count: 2_000, peers: ALL },
  {
    key: 'bytes',
    title: '100 bytes, not decoded',
    handler: 'bytes',
    count: 100_000,
    // The stock transport always makes strings.
    peers: ['ours', 'bare', 'ioredis'],
  },
  {
    key: 'enhanced',
    title: 'JSON; pipe, guard, interceptor',
    handler: 'enhanced',
    count: 50_000,
    peers: ['ours', 'bare', 'stock'],
  },
];

/** What one peer did in one case, a value per round. */
export interface EventResult {
  case: string;
  peer: Peer;
  /** Microseconds of CPU per message. */
  cpu: number[];
  /** Messages per second, from the first PUBLISH to the last handler. */
  rate: number[];
  /** Bytes of memory that the process occupies at the end. */
  rss: number;
}

/** Bursts at which the compiler of the engine settles. */
const WARM_UP = 2;

export async function measureEvents(lab: Lab, { rounds, scale, say }: CaseTools): Promise<EventResult[]> {
  const redis = await lab.redis();
  const publisher = await lab.publisher(redis);
  const results: EventResult[] = [];
  for (const { key, title, handler, peers, size = 0, count } of EVENT_CASES) {
    const subscribers = new Map<EventResult, Program>();
    for (const peer of peers) {
      const assignment = { redis: redis.clientAddress, patterns: [`${key}.${peer}.*`], handler };
      const program = await lab.subscriber(PEERS[peer].program, assignment);
      subscribers.set({ case: key, peer, cpu: [], rate: [], rss: 0 }, program);
    }
    for (let round = 1 - WARM_UP; round <= rounds; round++) {
      say(`an event: ${title}, round ${round} of ${rounds}`);
      for (const [result, subscriber] of subscribers) {
        const channel = `${key}.${result.peer}.new`;
        const payload = handler === 'bytes' ? 'x'.repeat(100) : event(channel, size);
        const order = burst(channel, payload, scale(count));
        const { cpu, wall } = await deliver(publisher, subscriber, order);
        if (round < 1) continue;
        result.cpu.push(cpu / order.count);
        result.rate.push((order.count / wall) * 1_000);
      }
    }
    for (const [result, subscriber] of subscribers) {
      result.rss = (await subscriber.look()).rss;
      results.push(result);
      await subscriber.stop();
    }
  }
  return results;
}

/** A packet as a client of Nest sends it. */
export function event(channel: string, size = 0): string {
  const packet = { pattern: channel, data: { id: 4711, amount: 12.5, state: 'paid', note: '' } };
  packet.data.note = 'n'.repeat(Math.max(0, size - JSON.stringify(packet).length));
  return JSON.stringify(packet);
}

/** As fast as Redis takes them: the subscriber always has something to read. */
export function burst(channel: string, payload: string, count: number) {
  const batch = Math.max(1, Math.min(100, Math.floor(16_000 / payload.length)));
  return { channels: [channel], payload, count: roundTo(count, batch), batch, every: 0, window: 20 };
}

function roundTo(count: number, batch: number): number {
  return Math.ceil(count / batch) * batch;
}
