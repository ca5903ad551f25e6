import type { Lab, Program } from '../lab.js';
import { ASKED, type AskedPeer } from '../peers.js';
import type { RequestReading } from '../programs/requests.js';
import { percentile } from '../statistics.js';
import type { CaseTools } from '../tools.js';

/** How many requests, and how many of them wait for a reply at a time. */
export const LOADS = [
  { inFlight: 100, requests: 100_000 },
  { inFlight: 1, requests: 5_000 },
] as const;

const WARM_UP = 20_000;

/** A value per round. */
export interface RequestResult {
  peer: AskedPeer;
  inFlight: number;
  /** Requests per second. */
  rate: number[];
  /** Microseconds of CPU per request, client and server together. */
  cpu: number[];
  /** Milliseconds. */
  p50: number[];
  p99: number[];
  p999: number[];
}

export async function measureRequests(lab: Lab, { rounds, scale, say }: CaseTools): Promise<RequestResult[]> {
  const processes = new Map<AskedPeer, Program>();
  for (const peer of Object.keys(ASKED) as AskedPeer[]) {
    const { program, autoPipelining } = ASKED[peer];
    // A Redis for each: they would answer each other's requests.
    const { clientAddress } = await lab.redis();
    const process = await lab.subscriber(program, { redis: clientAddress, patterns: [], autoPipelining });
    await process.ask({ requests: scale(WARM_UP), inFlight: 100 });
    processes.set(peer, process);
  }
  const results: RequestResult[] = [];
  for (const { inFlight, requests: full } of LOADS) {
    const requests = scale(full);
    const ofLoad = [...processes.keys()].map((peer) => emptyResult(peer, inFlight));
    for (let round = 1; round <= rounds; round++) {
      say(`requests, ${inFlight} in flight, round ${round} of ${rounds}`);
      for (const result of ofLoad) {
        const reading = await processes.get(result.peer)?.ask({ requests, inFlight });
        const { cpu, wall, latencies } = reading as RequestReading;
        result.rate.push((requests / wall) * 1_000);
        result.cpu.push(cpu / requests);
        result.p50.push(percentile(latencies, 0.5));
        result.p99.push(percentile(latencies, 0.99));
        result.p999.push(percentile(latencies, 0.999));
      }
    }
    results.push(...ofLoad);
  }
  return results;
}

function emptyResult(peer: AskedPeer, inFlight: number): RequestResult {
  return { peer, inFlight, rate: [], cpu: [], p50: [], p99: [], p999: [] };
}
