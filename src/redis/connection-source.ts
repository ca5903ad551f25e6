import type { RedisOptions } from 'ioredis';

import { RedisResilientError } from '../errors.js';
import { checkConnection, type RedisSource } from '../options.js';
import { startPatientTimer } from './patient-timer.js';
import { rootMessage } from './refusal.js';

/** What the user gave cannot be used: a function among the connection options failed or did not answer. */
export class ConnectionOptionsError extends RedisResilientError {}

/** Gives the connection options, checked. A function is asked each time, and may fail or hang: neither lasts. */
export class ConnectionSource {
  /** Name of the master at the Sentinels; `null` where there are none, or before the first options. */
  masterName: string | null = null;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly redis: RedisSource,
    /** Milliseconds that the function may take. */
    private readonly timeout: number,
  ) {}

  /** @throws ConnectionOptionsError where the function fails, hangs, or gives what cannot be used */
  async get(): Promise<RedisOptions> {
    const options = typeof this.redis === 'function' ? await this.ask(this.redis) : this.redis;
    this.masterName = options.sentinels ? (options.name ?? null) : null;
    return options;
  }

  close(): void {
    for (const cancel of this.waiting) cancel();
    this.waiting.clear();
  }

  private ask(redis: Extract<RedisSource, () => unknown>): Promise<RedisOptions> {
    return new Promise((resolve, reject) => {
      const cancel = startPatientTimer(this.timeout, () => {
        this.waiting.delete(cancel);
        const words = `The function given as "redis" gave no options within ${String(this.timeout)} ms (keepAlive.timeout). Give it a deadline of its own.`;
        reject(new ConnectionOptionsError('TIMEOUT', words));
      });
      this.waiting.add(cancel);
      const asked = async (): Promise<RedisOptions> => checkConnection(await redis());
      asked()
        .then(resolve, (error: unknown) => {
          const words = `The function given as "redis" failed: ${rootMessage(error)}`;
          reject(new ConnectionOptionsError('CONNECTION', words, { cause: error }));
        })
        .finally(() => {
          cancel();
          this.waiting.delete(cancel);
        });
    });
  }
}
