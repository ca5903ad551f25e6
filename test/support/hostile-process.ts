/**
 * What `process-bad-input.test.ts` starts: handlers in every mode and a client, in a process that ends, as Node ends one, at
 * whatever is thrown or rejected and caught by nobody.
 */
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { resolveOptions } from '../../src/options.js';
import { Engine } from '../../src/redis/engine.js';
import { RedisResilientClient } from '../../src/transport/client.js';
import type { ComplaintKind } from '../../src/transport/complaints.js';
import { RedisResilientServer } from '../../src/transport/server.js';
import { CapturedLogs } from './captured-logs.js';

export type HostileOrder = 'report' | 'ask' | 'reject';

export interface HostileReport {
  /** Calls of handlers, of all together. */
  handled: number;
  pending: number;
  complaints: Partial<Record<ComplaintKind, number>>;
  /** Lines of the server, with the millisecond they were written in. */
  lines: readonly (readonly [at: number, text: string])[];
  /** What the requests of the client ended with. */
  outcomes: readonly string[];
  strayReplies: number;
  polluted: boolean;
}

let handled = 0;
const outcomes: string[] = [];
const lines: [number, string][] = [];

@Controller()
class Handlers {
  @MessagePattern('echo.*')
  echo(@Payload() data: unknown): unknown {
    handled += 1;
    return data;
  }

  @MessagePattern('throws.*')
  throws(): never {
    handled += 1;
    throw new Error('a handler that fails');
  }

  @MessagePattern('text.*', { payload: 'text' })
  text(@Payload() data: unknown): unknown {
    return this.echo(data);
  }

  @MessagePattern('bytes.*', { payload: 'buffer' })
  bytes(@Payload() data: unknown): unknown {
    return this.echo(data);
  }

  @MessagePattern('nest.*', { envelope: 'nest' })
  nest(@Payload() data: unknown): unknown {
    return this.echo(data);
  }

  @MessagePattern('raw.*', { envelope: 'raw' })
  raw(@Payload() data: unknown): unknown {
    return this.echo(data);
  }

  @MessagePattern('one.*', { dispatch: { concurrency: 1 } })
  one(@Payload() data: unknown): unknown {
    return this.echo(data);
  }
}

class HostileModule {}
Module({ controllers: [Handlers] })(HostileModule);

class TimedLogs extends CapturedLogs {
  override warn(message: unknown, ...rest: unknown[]): void {
    lines.push([performance.now(), String(message)]);
    super.warn(message, ...rest);
  }
}

const [host = '', port = ''] = process.argv.slice(2);
const redis = { host, port: Number(port) };
const engine = new Engine(resolveOptions({ redis, maxPayloadBytes: 100_000 }), new CapturedLogs());
const server = new RedisResilientServer(engine);
const options = { strategy: server, logger: new TimedLogs() };
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- to Nest the class is a bag of options
const app = await NestFactory.createMicroservice(HostileModule, options);
await app.listen();
const client = new RedisResilientClient({ redis });
await client.connect();
process.send?.('live');

process.on('disconnect', () => process.exit());
process.on('message', (order: HostileOrder) => {
  if (order === 'reject') void Promise.reject(new Error('as asked for'));
  else if (order === 'ask') {
    client.send('by.hand', 1).subscribe({
      next: (value) => outcomes.push(JSON.stringify(value)),
      error: (error) => outcomes.push(`error ${JSON.stringify(error)}`),
      complete: () => outcomes.push('the end'),
    });
  } else {
    process.send?.({
      handled,
      pending: server.pending + client.pending,
      complaints: server.complaints,
      lines,
      outcomes,
      strayReplies: client.complaints.strayReply ?? 0,
      polluted: 'polluted' in {},
    } satisfies HostileReport);
  }
});
