import type { Engine, Sink } from '../redis/engine.js';

/** Reply channels that stay subscribed without a request in flight. */
const KEPT = 1_000;

interface Entry {
  inFlight: number;
  /** Acknowledged, and nothing has happened to the link since. */
  ready: boolean;
  /** One wait for all requests that want the channel meanwhile. */
  acknowledging: Promise<void> | undefined;
}

/**
 * The reply channels of a client: subscribed at the first request, kept for the next ones, and given up least recently used
 * first when they become too many; those with a request in flight stay.
 */
export class ReplySubscriptions {
  readonly #entries = new Map<string, Entry>();
  /** Those without a request in flight, least recently used first. */
  readonly #idle = new Set<string>();

  /**
   * @param sink gets every reply
   * @param deadline milliseconds within which Redis must acknowledge a subscription
   */
  constructor(
    private readonly engine: Pick<Engine, 'subscribe' | 'unsubscribe' | 'acknowledged'>,
    private readonly sink: Sink,
    private readonly deadline: number,
    private readonly kept: number = KEPT,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Holds a reply channel for one request until `release()`. Answers nothing where replies can be heard already, else a
   * promise that resolves once they can, or rejects.
   */
  hold(channel: string): Promise<void> | undefined {
    const entry = this.#entries.get(channel) ?? this.subscribe(channel);
    entry.inFlight += 1;
    if (entry.inFlight === 1) this.#idle.delete(channel);
    if (entry.ready) return undefined;
    return (entry.acknowledging ??= this.acknowledge(channel, entry));
  }

  release(channel: string): void {
    const entry = this.#entries.get(channel);
    if (!entry) return;
    entry.inFlight -= 1;
    if (entry.inFlight > 0) return;
    // What Redis never acknowledged is not wanted on: a refused channel would keep the whole instance from being live.
    if (!entry.ready) return this.unsubscribe(channel);
    this.#idle.add(channel);
    if (this.#entries.size > this.kept) this.giveUpOne();
  }

  /** After trouble with the link, the next request asks again whether its reply can be heard. */
  doubt(): void {
    for (const entry of this.#entries.values()) entry.ready = false;
  }

  clear(): void {
    for (const channel of [...this.#entries.keys()]) this.unsubscribe(channel);
  }

  private subscribe(channel: string): Entry {
    if (this.#entries.size >= this.kept) this.giveUpOne();
    const entry: Entry = { inFlight: 0, ready: false, acknowledging: undefined };
    this.engine.subscribe('channel', channel, this.sink);
    this.#entries.set(channel, entry);
    return entry;
  }

  private async acknowledge(channel: string, entry: Entry): Promise<void> {
    try {
      await this.engine.acknowledged('channel', channel, this.deadline);
      entry.ready = true;
    } finally {
      entry.acknowledging = undefined;
    }
  }

  private giveUpOne(): void {
    const [oldest] = this.#idle;
    if (oldest !== undefined) this.unsubscribe(oldest);
  }

  private unsubscribe(channel: string): void {
    this.#entries.delete(channel);
    this.#idle.delete(channel);
    this.engine.unsubscribe('channel', channel);
  }
}
