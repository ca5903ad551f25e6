/** What `process-flood.test.ts` starts: a microservice that is slower than what it hears, with its own memory to measure. */
import { setImmediate as turn } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import { firstValueFrom, timer } from 'rxjs';
import { resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import { RedisResilientServer } from '../../src/transport/server.js';
import { CapturedLogs } from './captured-logs.js';

/** What the process tells when it is asked. Bytes are those that a full collection of garbage leaves. */
export interface FloodReport {
  handled: number;
  dropped: number;
  /** Handled by `ordered` after a message with a higher number. */
  disordered: number;
  mostRunning: number;
  pending: number;
  /** What gaps with cause `overflow` say of drops, closed ones only. */
  droppedInGaps: number;
  gaps: number;
  heap: number;
  rss: number;
}

const report = { handled: 0, disordered: 0, mostRunning: 0, droppedInGaps: 0, gaps: 0 };
let running = 0;
let last = -1;

@Controller()
class Slow {
  @EventPattern('flood', { dispatch: { concurrency: 8, maxPending: 10_000 } })
  async flood(_: number): Promise<void> {
    running += 1;
    report.mostRunning = Math.max(report.mostRunning, running);
    await firstValueFrom(timer(1));
    running -= 1;
    report.handled += 1;
  }

  @EventPattern('ordered', { dispatch: { concurrency: 1, maxPending: 10_000 } })
  async ordered(n: number): Promise<void> {
    if (n <= last) report.disordered += 1;
    last = n;
    await turn();
    report.handled += 1;
  }
}

class SlowModule {}
Module({ controllers: [Slow] })(SlowModule);

const [host = '', port = ''] = process.argv.slice(2);
const engine = new Engine(resolveOptions({ redis: { host, port: Number(port) } }), new CapturedLogs());
engine.monitor.gaps$.subscribe(({ phase, dropped }) => {
  if (phase !== 'closed') return;
  report.gaps += 1;
  report.droppedInGaps += dropped;
});
const server = new RedisResilientServer(engine);
const options = { strategy: server, logger: false as const };
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice(SlowModule, options);
await app.listen();
process.send?.('live');

process.on('disconnect', () => process.exit());
process.on('message', (order: 'count' | 'measure') => {
  if (order === 'measure') globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({
    ...report,
    dropped: server.complaints.overflowed ?? 0,
    pending: server.pending,
    heap: heapUsed + external,
    rss,
  } satisfies FloodReport);
});
