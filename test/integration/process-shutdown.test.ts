import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { poll, type RedisNode, startRedis } from '../../src/testing/index.js';
import type { RedisResilientClient } from '../../src/transport/client.js';
import type { Start } from '../support/answering-process.js';
import { Transports } from '../support/transport.js';
import { TYPESCRIPT } from '../support/typescript.js';

/** Requests in a second. */
const RATE = 1_000;

let redis: RedisNode;
let transports: Transports;
let child: ChildProcess;
let said = '';

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  child.kill('SIGKILL');
  await transports.close();
});

async function startApplication(start: Start): Promise<void> {
  const { host, port } = redis.clientAddress;
  const program = fileURLToPath(new URL('../support/answering-process.ts', import.meta.url));
  child = spawn(process.execPath, [...TYPESCRIPT, program, start, host, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  said = '';
  child.stdout?.on('data', (text) => (said += String(text)));
  await poll(() => said.includes('listening'), { deadline: 30_000, what: 'an application that listens' });
}

/** Sends requests at a steady rate, those that a late timer owes too, until it is stopped. */
class Load {
  sent = 0;
  answered = 0;
  readonly #since = performance.now();
  readonly #timer = setInterval(() => this.sendDue(), 5);

  constructor(private readonly client: RedisResilientClient) {}

  stop(): void {
    clearInterval(this.#timer);
  }

  private sendDue(): void {
    const due = ((performance.now() - this.#since) * RATE) / 1_000;
    for (; this.sent < due; this.sent += 1) {
      const reply = firstValueFrom(this.client.send<number>('work', this.sent));
      reply.then(
        () => (this.answered += 1),
        () => undefined, // what was sent to nobody
      );
    }
  }
}

it.each<Start>(['bound by the module', 'hybrid', 'pure microservice'])(
  `${RATE} requests a second while it shuts down, %s: each that was taken is answered`,
  async (start) => {
    transports = new Transports(redis);
    await startApplication(start);
    const client = transports.client();
    await client.connect();
    const load = new Load(client);
    await poll(() => load.answered > RATE, { deadline: 20_000, what: 'load' });
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
    load.stop();
    const taken = Number(/taken (\d+)/.exec(said)?.[1]);
    await poll(() => load.answered >= taken, { what: `${taken} answers` }).catch(() => undefined);
    expect(load.answered).toBe(taken);
    // It was under way when the end came: some were sent that nobody took any more.
    expect(load.sent).toBeGreaterThan(taken);
  },
);
