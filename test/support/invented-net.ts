/** Invented time: what is due runs in its order, and nothing else moves the clock. */
export class InventedTime {
  now = 0;
  private readonly due: { readonly at: number; readonly order: number; run: () => void }[] = [];
  private order = 0;
  /** The event loop of the client stands still until then. */
  private stalledUntil = 0;

  after(milliseconds: number, run: () => void): void {
    this.order += 1;
    const entry = { at: this.now + milliseconds, order: this.order, run };
    let place = this.due.length;
    while (place > 0 && this.due[place - 1]!.at > entry.at) place -= 1;
    this.due.splice(place, 0, entry);
  }

  /** Something that the client has to do itself: it waits while the event loop stands still. */
  onClient(run: () => void): void {
    if (this.now >= this.stalledUntil) run();
    else this.after(this.stalledUntil - this.now, run);
  }

  stall(milliseconds: number): void {
    this.stalledUntil = Math.max(this.stalledUntil, this.now + milliseconds);
  }

  get isStalled(): boolean {
    return this.now < this.stalledUntil;
  }

  /** When the next thing is due, or Infinity. */
  get next(): number {
    return this.due[0]?.at ?? Infinity;
  }

  runNext(): void {
    const entry = this.due.shift();
    if (!entry) return;
    this.now = Math.max(this.now, entry.at);
    entry.run();
  }
}

/** One direction of a TCP connection: in order, with a delay, and patient while nothing gets through. */
export class Pipe {
  private readonly waiting: (() => void)[] = [];
  private open = true;
  private cut = false;

  constructor(
    private readonly time: InventedTime,
    private readonly delay: number,
  ) {}

  send(arrive: () => void): void {
    this.time.after(this.delay, () => {
      if (this.cut) return;
      if (this.open) arrive();
      else this.waiting.push(arrive);
    });
  }

  block(): void {
    this.open = false;
  }

  /** TCP redelivers everything, in order. */
  heal(): void {
    this.open = true;
    for (const arrive of this.waiting.splice(0)) if (!this.cut) arrive();
  }

  /** Nothing arrives any more. */
  end(): void {
    this.cut = true;
  }
}

/** One connection of the subscriber, seen from both ends. */
export class InventedLink {
  readonly up: Pipe;
  readonly down: Pipe;
  readonly keys = new Set<string>();

  constructor(
    readonly id: number,
    readonly server: InventedServer,
    time: InventedTime,
    delay: number,
    /** Bytes that reach the client. */
    private readonly arrive: (what: () => void) => void,
  ) {
    this.up = new Pipe(time, delay);
    this.down = new Pipe(time, delay);
  }

  /** A command and its answer. */
  command(execute: () => void, answered: () => void): void {
    this.up.send(() => {
      this.server.execute(() => {
        execute();
        this.say(answered);
      });
    });
  }

  say(what: () => void): void {
    this.down.send(() => this.arrive(what));
  }

  end(): void {
    this.up.end();
    this.down.end();
    this.server.links.delete(this);
  }
}

/** A Redis server that executes in one order, unless it is frozen or dead. */
export class InventedServer {
  readonly links = new Set<InventedLink>();
  isMaster = true;
  isDead = false;
  refuses = false;
  private frozen = false;
  private readonly backlog: (() => void)[] = [];

  constructor(readonly name: string) {}

  execute(command: () => void): void {
    if (this.isDead) return;
    if (this.frozen) this.backlog.push(command);
    else command();
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    for (const command of this.backlog.splice(0)) command();
  }

  /** Everybody who subscribed to it hears a message, now. */
  publish(key: string, hear: (link: InventedLink) => void): void {
    for (const link of this.links) if (link.keys.has(key)) hear(link);
  }
}
