import { Redis } from 'ioredis';
import { poll, type RedisNode } from '../../src/testing/index.js';

/** Hears everything that is published on a Redis, but what instances publish to themselves. */
export class WireTap {
  #heard: (readonly [channel: string, text: string])[] = [];

  private constructor(private readonly subscriber: Redis) {
    subscriber.on('pmessage', (_, channel, text) => {
      if (!channel.startsWith('__')) this.#heard.push([channel, withoutId(text)]);
    });
  }

  static async on(redis: RedisNode): Promise<WireTap> {
    const subscriber = new Redis(redis.clientAddress);
    await subscriber.psubscribe('*');
    return new WireTap(subscriber);
  }

  clear(): void {
    this.#heard = [];
  }

  events(count: number): Promise<readonly (readonly [channel: string, text: string])[]> {
    return poll(() => this.#heard.length >= count && this.#heard, { what: `${count} events` });
  }

  /** A request and its replies, to the last. */
  exchange(): Promise<readonly (readonly [channel: string, text: string])[]> {
    const isOver = (): boolean => this.#heard.some(([, text]) => text.includes('"isDisposed":true'));
    return poll(() => isOver() && this.#heard, { what: 'a last reply' });
  }

  close(): void {
    this.subscriber.disconnect();
  }
}

function withoutId(text: string): string {
  return text.replace(/"id":"[^"]*"/, '"id":"…"');
}
