import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { startRedis, type RedisNode } from '../../src/testing/index.js';
import type { Assignment } from './programs/assignment.js';
import type { Look, Reading } from './programs/meter.js';
import type { PublishOrder } from './programs/publisher.js';

/** Milliseconds; a burst, or a round of requests, takes seconds. */
const LONGEST_SILENCE = 120_000;

/** A compiled program in a process of its own; one question at a time. */
export class Program {
  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(name: string, assignment: object, flags: readonly string[] = []): Promise<Program> {
    const file = fileURLToPath(new URL(`compiled/${name}.js`, import.meta.url));
    const child = fork(file, [JSON.stringify(assignment)], { execArgv: [...flags] });
    const program = new Program(name, child);
    await program.next();
    return program;
  }

  send(order: object): void {
    this.child.send(order);
  }

  /** The next that it says. */
  async next(): Promise<unknown> {
    const end = new AbortController();
    const { signal } = end;
    const deadline = setTimeout(() => end.abort(new Error(`${this.name} says nothing`)), LONGEST_SILENCE);
    try {
      return await Promise.race([
        once(this.child, 'message', { signal }).then(([message]: unknown[]) => message),
        once(this.child, 'exit', { signal }).then(() => {
          throw new Error(`${this.name} has ended`);
        }),
      ]);
    } finally {
      clearTimeout(deadline);
      end.abort();
    }
  }

  async ask(order: object): Promise<unknown> {
    const answer = this.next();
    this.send(order);
    return answer;
  }

  async look(): Promise<Look> {
    return (await this.ask({ look: true })) as Look;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }
}

const PLAIN: Omit<Assignment, 'redis' | 'patterns'> = {
  handler: 'plain',
  handicap: 0,
  autoPipelining: false,
};

/** Everything that one case starts; `stop()` ends it in the reverse order. */
export class Lab {
  private readonly parts: { stop(): Promise<unknown> }[] = [];

  /** A Redis that never closes the connection of a slow subscriber. */
  async redis(): Promise<RedisNode> {
    return this.keep(await startRedis({ config: { 'client-output-buffer-limit': 'pubsub 0 0 0' } }));
  }

  async publisher(redis: RedisNode): Promise<Program> {
    return this.program('publisher', redis.clientAddress);
  }

  async subscriber(
    program: string,
    assignment: Pick<Assignment, 'redis' | 'patterns'> & Partial<Assignment>,
    flags: readonly string[] = [],
  ): Promise<Program> {
    return this.program(program, { ...PLAIN, ...assignment }, flags);
  }

  keep<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.parts.push(part);
    return part;
  }

  async stop(): Promise<void> {
    for (const part of this.parts.splice(0).reverse()) await part.stop();
  }

  private async program(name: string, assignment: object, flags: readonly string[] = []): Promise<Program> {
    return this.keep(await Program.start(name, assignment, flags));
  }
}

/** Has something published, and gives what the subscriber measured when it had handled all of it. */
export async function deliver(
  publisher: Program,
  subscriber: Program,
  order: PublishOrder,
): Promise<Reading> {
  await subscriber.ask({ expect: order.count });
  const [reading] = await Promise.all([subscriber.next(), publisher.ask(order)]);
  return reading as Reading;
}
