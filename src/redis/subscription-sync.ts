import type { Redis } from 'ioredis';
import type { Permissions } from './permissions.js';
import { isNoPermission, rootMessage } from './refusal.js';
import {
  keyOf,
  slices,
  subscriptionOf,
  type SubscriptionKey,
  type SubscriptionKind,
  type Subscriptions,
} from './subscriptions.js';

/**
 * Keeps the subscriptions of one connection in line with what is wanted. A refused command is repeated name by name,
 * because one forbidden pattern refuses all that stand beside it.
 */
export class SubscriptionSync {
  /** Redis holds these for this connection. */
  readonly acknowledged = new Set<SubscriptionKey>();
  /** Redis refuses these, with its words. */
  readonly refused = new Map<SubscriptionKey, string>();
  /** Whether the control channel could be subscribed; `null` until it was tried. */
  control: boolean | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private retrying = false;

  constructor(
    private readonly wanted: Subscriptions,
    private readonly controlChannel: string,
    private readonly permissions: Permissions,
    /** Redis has answered a command; with thousands of names the last answer is a long way off. */
    private readonly onProgress: () => void,
  ) {}

  /** Rejects when the connection ends, or when Redis answers with anything else than a refusal of names. */
  async run(client: Redis): Promise<void> {
    this.again = true;
    this.running ??= this.rounds(client);
    return this.running;
  }

  /** The next run asks for the refused ones too. They count as refused until Redis has answered. */
  retryRefused(): void {
    this.retrying = true;
  }

  /** Whether Redis has answered for every name, be it with a refusal. */
  get isSettled(): boolean {
    if (this.control === null) return false;
    for (const key of this.wanted.keys()) {
      if (!this.acknowledged.has(key) && !this.refused.has(key)) return false;
    }
    return true;
  }

  /** Whether Redis holds every name. */
  get isComplete(): boolean {
    return this.isSettled && this.refused.size === 0;
  }

  /**
   * Asks how many subscriptions the server holds for this connection. Fewer than ours means that it lost some; then the
   * next run repeats all of them, which is harmless for those that are there.
   *
   * @returns whether the server had them all
   */
  async reconcile(client: Redis): Promise<boolean> {
    const expected = this.acknowledged.size + (this.control === true ? 1 : 0);
    if (expected === 0 || this.running) return true;
    const count = await this.held(client);
    if (count >= expected || this.running) return true;
    this.acknowledged.clear();
    this.control = null;
    return false;
  }

  /** The answer to the control channel carries the number of all. One that we do not hold is none to lose, and none to gain. */
  private async held(client: Redis): Promise<number> {
    if (this.control === true) return send(client, 'channel', [this.controlChannel]);
    return Number(await client.unsubscribe(this.controlChannel));
  }

  private async rounds(client: Redis): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        await this.round(client);
      }
    } finally {
      // In the same turn as the last look at `again`: a call one microtask later must start a new run.
      this.running = null;
    }
  }

  private async round(client: Redis): Promise<void> {
    const commands: Promise<void>[] = [];
    const { retrying } = this;
    this.retrying = false;
    if (this.control === null || (retrying && !this.control)) commands.push(this.subscribeControl(client));
    const missing = { pattern: [] as string[], channel: [] as string[] };
    for (const key of this.wanted.keys()) {
      if (this.acknowledged.has(key) || (this.refused.has(key) && !retrying)) continue;
      const { kind, name } = subscriptionOf(key);
      missing[kind].push(name);
    }
    for (const kind of ['pattern', 'channel'] as const) {
      for (const names of slices(missing[kind])) commands.push(this.subscribe(client, kind, names));
    }
    commands.push(this.unsubscribeUnwanted(client));
    await Promise.all(commands);
  }

  private async subscribeControl(client: Redis): Promise<void> {
    try {
      await send(client, 'channel', [this.controlChannel]);
      this.control = true;
    } catch (error) {
      if (!isNoPermission(error)) throw error;
      this.control = false;
    }
  }

  private async subscribe(client: Redis, kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    try {
      await send(client, kind, names);
      for (const name of names) {
        const key = keyOf(kind, name);
        this.acknowledged.add(key);
        this.refused.delete(key);
      }
      this.onProgress();
    } catch (error) {
      if (!isNoPermission(error)) throw error;
      this.onProgress();
      const [only, ...others] = names;
      if (only === undefined) return;
      if (others.length === 0) this.refused.set(keyOf(kind, only), rootMessage(error));
      else await Promise.all(names.map((name) => this.subscribe(client, kind, [name])));
    }
  }

  private async unsubscribeUnwanted(client: Redis): Promise<void> {
    const unwanted = { pattern: [] as string[], channel: [] as string[] };
    for (const key of [...this.acknowledged, ...this.refused.keys()]) {
      const { kind, name } = subscriptionOf(key);
      if (this.wanted.has(kind, name)) continue;
      if (this.acknowledged.delete(key)) unwanted[kind].push(name);
      this.refused.delete(key);
    }
    const { pattern, channel } = unwanted;
    if (pattern.length > 0) await this.permissions.allowed('unsubscribe', client.punsubscribe(...pattern));
    if (channel.length > 0) await this.permissions.allowed('unsubscribe', client.unsubscribe(...channel));
  }
}

/** Resolves with the number of subscriptions that the server holds for this connection. */
async function send(client: Redis, kind: SubscriptionKind, names: readonly string[]): Promise<number> {
  const count = kind === 'pattern' ? await client.psubscribe(...names) : await client.subscribe(...names);
  return Number(count);
}
