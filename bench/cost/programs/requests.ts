import { performance } from 'node:perf_hooks';

/** What a process that asks itself is told to do. */
export interface RequestOrder {
  requests: number;
  inFlight: number;
}

/** What it reports. */
export interface RequestReading {
  /** Microseconds of CPU of the whole process, client and server, for all requests together. */
  cpu: number;
  /** Milliseconds for all of them. */
  wall: number;
  /** Milliseconds for each. */
  latencies: number[];
}

/** Sends one request, and calls back when the last value of its reply is there. */
export type Ask = (n: number, done: (error?: unknown) => void) => void;

/** Waits for orders, and has so many requests under way until all are answered. */
export function serveOrders(ask: Ask): void {
  process.on('message', (order: RequestOrder) => {
    run(ask, order, (reading) => process.send?.(reading));
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ ready: true });
}

function run(
  ask: Ask,
  { requests, inFlight }: RequestOrder,
  report: (reading: RequestReading) => void,
): void {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let asked = 0;
  const next = (): void => {
    if (asked === requests) return;
    const n = asked++;
    const askedAt = performance.now();
    ask(n, (error) => {
      if (error !== undefined) throw new Error('a request failed', { cause: error });
      latencies.push(performance.now() - askedAt);
      if (latencies.length < requests) {
        next();
        return;
      }
      const { user, system } = process.cpuUsage(cpu);
      report({ cpu: user + system, wall: performance.now() - startedAt, latencies });
    });
  };
  for (let one = 0; one < inFlight; one++) next();
}
