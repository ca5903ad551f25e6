import { setTimeout as pause } from 'node:timers/promises';

import { formatAddress } from '../../../src/testing/address.js';
import { startTopology } from '../../../src/testing/index.js';
import { CountingProxy } from '../../../test/support/counting-proxy.js';
import type { Lab, Program } from '../lab.js';
import { PEERS } from '../peers.js';
import type { CaseTools } from '../tools.js';

/** Seconds of one look. */
const WINDOW = 10;
/** V8 waits a minute, more or less, before it collects what the start of an idle process has left behind. */
const SETTLE = 90;

/** A value per look; commands and bytes as counted between the process and the servers. */
export interface IdleResult {
  peer: 'ours' | 'stock';
  /** Per cent of one core. */
  cpu: number[];
  /** Commands per second on all data nodes together. */
  dataCommands: number[];
  /** Commands per second on the Sentinel that gets most. */
  sentinelCommands: number[];
  /** Bytes per second, to and from all of them. */
  bytes: number[];
  /** Bytes of memory that the process occupies. */
  rss: number[];
}

interface Watched {
  result: IdleResult;
  process: Program;
  data: CountingProxy[];
  sentinels: CountingProxy[];
}

/** One pattern, default options, nothing to hear. */
export async function measureIdle(lab: Lab, { rounds, scale, say }: CaseTools): Promise<IdleResult[]> {
  const topology = lab.keep(await startTopology());
  const proxied = (target: { host: string; port: number }) =>
    CountingProxy.to(target).then((one) => lab.keep(one));
  const watched: Watched[] = [];
  for (const peer of ['ours', 'stock'] as const) {
    const data = await Promise.all(topology.nodes.map(proxied));
    const sentinels = await Promise.all(topology.sentinels.map(proxied));
    const addressOf = ({ host, port }: CountingProxy) => ({ host, port });
    const redis = {
      sentinels: sentinels.map(addressOf),
      name: topology.masterName,
      natMap: Object.fromEntries(
        topology.nodes.map((node, index) => [
          formatAddress(node.address),
          data[index] && addressOf(data[index]),
        ]),
      ),
    };
    const process = await lab.subscriber(PEERS[peer].program, { redis, patterns: ['orders.*'] });
    const result = { peer, cpu: [], dataCommands: [], sentinelCommands: [], bytes: [], rss: [] };
    watched.push({ result, process, data, sentinels });
  }
  say('idle, to settle');
  await pause(scale(SETTLE * 1_000));
  for (let round = 1; round <= rounds; round++) {
    say(`idle, look ${round} of ${rounds}`);
    const before = await Promise.all(watched.map(begin));
    const milliseconds = scale(WINDOW * 1_000);
    await pause(milliseconds);
    await Promise.all(watched.map((one, index) => end(one, before[index] ?? NaN, milliseconds / 1_000)));
  }
  return watched.map(({ result }) => result);
}

async function begin({ process, data, sentinels }: Watched): Promise<number> {
  const { cpu } = await process.look();
  for (const proxy of [...data, ...sentinels]) proxy.take();
  return cpu;
}

async function end({ result, process, data, sentinels }: Watched, cpuBefore: number, seconds: number) {
  const [ofData, ofSentinels] = [data, sentinels].map((proxies) => proxies.map((proxy) => proxy.take())) as [
    ReturnType<CountingProxy['take']>[],
    ReturnType<CountingProxy['take']>[],
  ];
  const { cpu, rss } = await process.look();
  result.cpu.push((cpu - cpuBefore) / 1e4 / seconds);
  result.dataCommands.push(ofData.reduce((sum, { commands }) => sum + commands, 0) / seconds);
  result.sentinelCommands.push(Math.max(...ofSentinels.map(({ commands }) => commands)) / seconds);
  result.bytes.push([...ofData, ...ofSentinels].reduce((sum, { bytes }) => sum + bytes, 0) / seconds);
  result.rss.push(rss);
}
