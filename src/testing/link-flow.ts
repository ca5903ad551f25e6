import type { Socket } from 'node:net';

/** Closes a socket with a RST; not while its FIN is on the way, because Node then never closes the handle. */
export function abort(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

/**
 * One direction of a connection through a link: what the source sends, in its order, including how it ends.
 * What is held stays in the kernel's buffers and in a queue of ours, and is delivered by `release()`.
 */
export class LinkFlow {
  private readonly queue: { due: number; deliver: () => void }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private held = false;

  constructor(
    private readonly source: Socket,
    private readonly target: Socket,
    private readonly delay: () => number,
  ) {
    source.on('data', (bytes) => this.enqueue(() => this.write(bytes)));
    source.on('end', () => this.enqueue(() => target.end()));
    source.on('error', () => this.enqueue(() => abort(target)));
    source.on('close', () => this.enqueue(() => target.destroySoon()));
    target.on('drain', () => this.readOn());
  }

  hold(): void {
    this.held = true;
    clearTimeout(this.timer);
    this.source.pause();
  }

  release(): void {
    this.held = false;
    this.readOn();
    this.deliverDue();
  }

  /** Ends the flow and forgets what it holds. */
  cut(): void {
    this.hold();
    this.queue.length = 0;
  }

  private enqueue(deliver: () => void): void {
    const previous = this.queue.at(-1)?.due ?? 0;
    this.queue.push({ due: Math.max(previous, performance.now() + this.delay()), deliver });
    if (!this.held) this.deliverDue();
  }

  private deliverDue(): void {
    clearTimeout(this.timer);
    for (let next = this.queue[0]; next && !this.held; next = this.queue[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.deliverDue(), Math.ceil(wait)).unref();
        return;
      }
      this.queue.shift();
      next.deliver();
    }
  }

  private write(bytes: Uint8Array): void {
    if (this.target.writable && !this.target.write(bytes)) this.source.pause();
  }

  private readOn(): void {
    if (!this.held && !this.target.writableNeedDrain) this.source.resume();
  }
}
