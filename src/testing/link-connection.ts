import { Socket } from 'node:net';

import { abort, LinkFlow } from './link-flow.js';
import type { Address } from './address.js';

/** One connection through a link: the client's socket, the server's socket, and a flow in each direction. */
export class LinkConnection {
  /** The host it comes from. */
  readonly from: string;
  private readonly server = new Socket({ allowHalfOpen: true });
  private readonly flows: { toServer: LinkFlow; toClient: LinkFlow };
  private dialled = false;
  private forgotten = false;

  constructor(
    private readonly client: Socket,
    private readonly target: Address,
    delays: { toServer: number; toClient: number },
  ) {
    this.from = client.remoteAddress ?? '';
    client.unref();
    this.server.unref();
    this.flows = {
      toServer: new LinkFlow(client, this.server, () => delays.toServer),
      toClient: new LinkFlow(this.server, client, () => delays.toClient),
    };
  }

  /** Calls back once neither end is there any more. */
  onClosed(listener: () => void): void {
    const check = () => {
      if (this.client.destroyed && this.server.destroyed) listener();
    };
    this.client.on('close', check);
    this.server.on('close', check);
  }

  setSilent(direction: 'toServer' | 'toClient', silent: boolean): void {
    if (this.forgotten) return;
    if (!silent && direction === 'toServer') this.dial();
    if (silent) this.flows[direction].hold();
    else this.flows[direction].release();
  }

  /** Neither end is told anything any more. */
  forget(): void {
    this.forgotten = true;
    this.flows.toServer.cut();
    this.flows.toClient.cut();
  }

  /** Only once bytes may pass: the server hears nothing of a connection that was opened into a black hole. */
  private dial(): void {
    if (this.dialled) return;
    this.dialled = true;
    this.server.connect({ ...this.target, noDelay: true });
  }

  /** Says something to the server as if the client had said it. */
  inject(bytes: string | Uint8Array): void {
    this.server.write(bytes);
  }

  reset(): void {
    this.forget();
    abort(this.client);
    abort(this.server);
  }

  fin(): void {
    this.forget();
    this.client.destroySoon();
    this.server.destroySoon();
  }
}
