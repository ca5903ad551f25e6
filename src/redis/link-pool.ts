import { addressKey, type Address } from './address.js';
import { Link, type LinkListener, type Receiver } from './link.js';
import type { Permissions } from './permissions.js';
import type { Subscriptions } from './subscriptions.js';
import type { OptionsSource } from './topology.js';

interface PoolParts {
  readonly source: OptionsSource;
  readonly subscriptions: Subscriptions;
  readonly controlChannel: string;
  readonly listener: { readonly permissions: Permissions };
}

/** The links that exist now: at most the current one, one attempt and one that is kept. */
export class LinkPool {
  private readonly links = new Map<number, Link>();
  private readonly addresses = new Map<string, Address>();

  constructor(
    private readonly parts: PoolParts,
    private readonly listener: LinkListener,
  ) {}

  /** Remembers where a server is reached. @returns the key by which it is opened */
  learn(address: Address): string {
    const server = addressKey(address);
    this.addresses.set(server, address);
    return server;
  }

  open(id: number, server: string): void {
    const address = this.addresses.get(server);
    if (!address) return;
    const { subscriptions, controlChannel, source } = this.parts;
    const { permissions } = this.parts.listener;
    const link = new Link(id, address, subscriptions, controlChannel, permissions, this.listener);
    this.links.set(id, link);
    void link.open(source);
  }

  get(id: number | null | undefined): Link | null {
    return id == null ? null : (this.links.get(id) ?? null);
  }

  remove(id: number): Link | null {
    const link = this.get(id);
    this.links.delete(id);
    return link;
  }

  /** Sends the messages of every link somewhere else. */
  redirect(receive: Receiver): void {
    for (const link of this.links.values()) link.receive = receive;
  }

  destroyAll(): void {
    for (const link of this.links.values()) link.destroy();
    this.links.clear();
  }
}
