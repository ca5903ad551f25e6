import { get } from 'node:http';
import { firstValueFrom, timeout } from 'rxjs';
import type { RedisResilientClient } from '../../src/index.js';

/** Milliseconds after which a request counts as lost. */
const PATIENCE = 5_000;

/** Requests at a steady rate, and what became of each. */
export class Load {
  sent = 0;
  answered = 0;
  /** Why requests were lost, one line each. */
  readonly lost: string[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();

  /**
   * @param request rejects where the request is lost
   * @param every milliseconds
   */
  constructor(request: (n: number) => Promise<unknown>, every: number) {
    this.#timer = setInterval(() => {
      const n = ++this.sent;
      const done = request(n).then(
        () => void (this.answered += 1),
        (error: unknown) => void this.lost.push(`${n}: ${String(error)}`),
      );
      this.#open.add(done);
      void done.finally(() => this.#open.delete(done));
    }, every);
  }

  /** Sends no more, and resolves once nothing is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }
}

/** One GET on a connection of its own; anything but 200 is a loss. */
export function httpRequest(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: PATIENCE }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}

/** One request over Redis, answered by whoever hears it. */
export async function redisRequest(client: RedisResilientClient, n: number): Promise<void> {
  const answer = client.send<{ n: number }>('orders.price', { n }).pipe(timeout(PATIENCE));
  const { n: answered } = await firstValueFrom(answer);
  if (answered !== n) throw new Error(`the answer to ${answered}`);
}
