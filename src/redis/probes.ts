import type { MachineEvent } from '../subscription/events.js';
import type { MachineConfig } from '../subscription/state.js';
import { addressKey } from './address.js';
import type { Link } from './link.js';
import type { Permissions } from './permissions.js';
import type { Publisher } from './publisher.js';
import { isNoPermission } from './refusal.js';

interface ProbeListener {
  tell(event: MachineEvent): void;
  /** The server has lost subscriptions of this link; they were there at `from`. */
  subscriptionsLost(link: Link, from: number): void;
}

interface ProbeParts {
  readonly config: MachineConfig;
  readonly publisher: Publisher;
  readonly controlChannel: string;
  readonly publishTimeout: number;
  readonly listener: { readonly permissions: Permissions };
}

/** Every so many PINGs the server is asked for its ROLE, and for the number of our subscriptions. */
export const ROLE_EVERY = 2;
export const RECONCILE_EVERY = 5;

/** The questions that are put to a link and its server. A question whose link ended stays unanswered; `closed` tells. */
export class Probes {
  private pings = 0;
  private reconciledAt = 0;

  constructor(
    private readonly parts: ProbeParts,
    private readonly listener: ProbeListener,
  ) {}

  /** Another link is live, and all its subscriptions were acknowledged just now. */
  reset(link: Link): void {
    this.reconciledAt = performance.now();
    if (link.resp3) return;
    // Who asks for its ROLE is to be there before there is a reason to ask; and an older connection may lead to another server
    // of the same address, which would speak for itself.
    this.parts.publisher.reconnect();
    this.parts.publisher.connect();
  }

  ping(link: Link | null, kept: Link | null): void {
    if (!link) return;
    if (kept?.resp3 === true) this.askRole(kept);
    link.inOneWrite(() => this.question(link));
  }

  /** PINGs; resolves with the answer, which the machine is told too. */
  async verify(link: Link): Promise<void> {
    const sentAt = performance.now();
    await link.ping();
    this.listener.tell({ type: 'pong', link: link.id, sentAt });
  }

  publishCanary(nonce: number): void {
    const { publisher, controlChannel, config } = this.parts;
    const { permissions } = this.parts.listener;
    publisher.publish(controlChannel, `c${String(nonce)}`, config.canary?.timeout ?? config.timeout).then(
      () => {
        const { server } = publisher;
        permissions.granted('publish');
        this.listener.tell(
          server === null ? { type: 'canaryFailed', nonce } : { type: 'canaryPublished', nonce, server },
        );
      },
      (error: unknown) => {
        if (isNoPermission(error)) permissions.refused('publish');
        this.listener.tell({ type: 'canaryFailed', nonce });
      },
    );
  }

  /** Redis answers in order: the canary that its server has executed comes before this PONG, or never. */
  pingAfterCanary(link: Link | null, nonce: number): void {
    link?.ping().then(() => {
      this.listener.tell({ type: 'canaryPong', nonce, link: link.id });
    }, ignoreEnd);
  }

  private question(link: Link): void {
    this.verify(link).catch(ignoreEnd);
    this.pings += 1;
    if (this.pings % ROLE_EVERY === 0) this.askRole(link);
    if (this.pings % RECONCILE_EVERY !== 0) return;
    this.reconcile(link);
    link.measureOutputBuffer().catch(ignoreEnd);
  }

  private askRole(link: Link): void {
    const askedAt = performance.now();
    this.isMaster(link).then((master) => {
      if (master !== null) this.listener.tell({ type: 'role', link: link.id, master, askedAt });
    }, ignoreEnd);
  }

  /** Under RESP2 a subscribed connection cannot ask, but the publisher's can, where it goes to the same server. */
  private async isMaster(link: Link): Promise<boolean | null> {
    if (link.resp3) return link.isMaster();
    const { publisher } = this.parts;
    publisher.connect(); // one that is lost is back for the next question
    return publisher.server === addressKey(link.address)
      ? publisher.isMaster(this.parts.publishTimeout)
      : null;
  }

  private reconcile(link: Link): void {
    const askedAt = performance.now();
    link.reconcile().then((complete) => {
      if (!complete) this.listener.subscriptionsLost(link, this.reconciledAt);
      this.reconciledAt = askedAt;
    }, ignoreEnd);
  }
}

function ignoreEnd(): void {
  // The link ended while the question was under way.
}
