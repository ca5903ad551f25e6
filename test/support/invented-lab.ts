import { jest } from '@jest/globals';
import { HandOverDesk } from '../../src/redis/hand-over-desk.js';
import type { Link } from '../../src/redis/link.js';
import type { Effect, MachineEvent } from '../../src/subscription/events.js';
import { nextWake } from '../../src/subscription/schedule.js';
import type { MachineConfig } from '../../src/subscription/state.js';
import { InventedLink, InventedServer, InventedTime } from './invented-net.js';
import { CONFIG, MachineDriver } from './machine-driver.js';

const KEYS = ['orders.*', 'orders.new', 'other'] as const;
const CONTROL = 'control';
const DELAY = 7;
const POLL = 250;
/** Milliseconds between two messages. */
const PACE = 5;
/** As in the heartbeat: a timer later than this was held up by our own event loop. */
const STALL = 100;

export const LAB_CONFIG: MachineConfig = { ...CONFIG, keepFor: 3000 };

export interface Message {
  readonly n: number;
  readonly key: string;
  readonly server: string;
  /** Whether this was the server that a majority named at the time. */
  readonly named: boolean;
  /** When the server executed it. */
  readonly at: number;
}

export interface Handled {
  readonly message: Message;
  readonly late: boolean;
}

/** What the supervisor and the desk see of a link. */
interface Seat extends InventedLink {
  receive: Link['receive'];
  sync: { control: boolean; isComplete: boolean };
  isDestroyed: boolean;
  ping(): Promise<void>;
}

/**
 * Two servers, a topology that names one of them, a publisher, and the real machine and hand-over desk between them,
 * all in invented time. It stands in for the supervisor, which only carries out.
 */
export class InventedLab {
  readonly time = new InventedTime();
  readonly driver: MachineDriver;
  readonly servers = { a: new InventedServer('a'), b: new InventedServer('b') };
  /** What a majority names. */
  named: 'a' | 'b' = 'a';
  readonly accepted: Message[] = [];
  readonly handled: Handled[] = [];
  /** Gaps of hand-overs that were cut short. */
  readonly cuts: { readonly from: number; readonly to: number }[] = [];
  private readonly links = new Map<number, Seat>();
  private readonly desk: HandOverDesk;
  private readonly events: MachineEvent[] = [];
  private stepping = false;
  private publishing = true;
  private handOverFrom = 0;

  constructor(
    config: MachineConfig,
    random: () => number,
    /** Runs the timers of the desk. */
    private readonly tick: (milliseconds: number) => void = (ms) => jest.advanceTimersByTime(ms),
  ) {
    this.driver = new MachineDriver(config, random);
    const deliver =
      (late: boolean): Link['receive'] =>
      (_kind, _name, _channel, payload) => {
        this.handled.push({ message: this.accepted[Number(payload.toString())]!, late });
      };
    const live = deliver(false);
    this.desk = new HandOverDesk(
      {
        live,
        late: () => deliver(true),
        handedOver: ({ id }) => this.dispatch({ type: 'handedOver', link: id }),
        cut: () => this.cuts.push({ from: this.handOverFrom, to: this.time.now }),
        publishMarker: (successor, marker) => {
          const seat = successor as unknown as Seat;
          return answer((done) => seat.command(() => this.control(seat.server, marker), done));
        },
      },
      config.timeout,
    );
  }

  get current(): InventedLink | undefined {
    return this.links.get(this.driver.state.current?.id ?? 0);
  }

  start(): void {
    this.driver.now = 0;
    this.dispatch({ type: 'start' });
    this.poll();
    this.publish();
  }

  /** The Sentinels name another master. Two failovers that follow so closely that a poll misses one are not played. */
  name(name: 'a' | 'b'): void {
    if (this.named === name || this.driver.state.target !== this.named) return;
    this.servers[name].isMaster = true;
    this.named = name;
  }

  stopPublishing(): void {
    this.publishing = false;
  }

  dispatch(event: MachineEvent): void {
    this.events.push(event);
    if (this.stepping) return;
    this.stepping = true;
    for (let next = this.events.shift(); next; next = this.events.shift()) {
      this.driver.now = this.time.now;
      for (const effect of this.driver.tell(next)) this.carryOut(effect);
    }
    this.stepping = false;
  }

  /** Lets time pass. */
  run(milliseconds: number): void {
    const until = this.time.now + milliseconds;
    for (;;) {
      const wake = Math.ceil(nextWake(this.driver.state) ?? Infinity);
      const next = Math.min(this.time.next, Math.max(this.time.now, this.time.isStalled ? Infinity : wake));
      if (next > until) break;
      this.advance(next);
      if (this.time.next <= next) this.time.runNext();
      else this.wake();
    }
    this.advance(until);
  }

  closeLink(link: InventedLink | undefined): void {
    if (!link) return;
    link.end();
    this.time.onClient(() => this.dispatch({ type: 'closed', link: link.id }));
  }

  /** The process of a server ends, and its links with it. */
  die(server: InventedServer): void {
    server.isDead = true;
    for (const link of [...server.links]) {
      link.end();
      this.time.onClient(() => {
        const { attempt } = this.driver.state;
        if (attempt?.id === link.id) this.dispatch({ type: 'failed', link: link.id, refused: false });
        else this.dispatch({ type: 'closed', link: link.id });
      });
    }
  }

  private advance(to: number): void {
    if (to > this.time.now) this.tick(to - this.time.now);
    this.time.now = to;
  }

  private wake(): void {
    const due = nextWake(this.driver.state);
    if (due === null) return;
    const lag = this.time.now - due;
    this.dispatch({ type: 'wake', heardAt: this.driver.heardAt, lag: lag > STALL ? lag : 0 });
  }

  private carryOut(effect: Effect): void {
    const seat = 'link' in effect ? this.links.get(effect.link) : undefined;
    if (effect.type === 'open') this.open(effect.link, effect.server as 'a' | 'b');
    else if (effect.type === 'publishCanary') this.publishCanary(effect.nonce);
    else if (!seat) return;
    else if (effect.type === 'destroy' || effect.type === 'abandon') this.end(seat);
    else if (effect.type === 'prepare') {
      this.handOverFrom = effect.from;
      this.desk.prepare(effect.mode, this.asLink(effect.old), asLink(seat));
    } else if (effect.type === 'promote') {
      this.desk.promote(effect.mode, this.asLink(effect.old), asLink(seat));
    } else if (effect.type === 'ping') {
      const sentAt = this.time.now;
      void seat.ping().then(() => this.dispatch({ type: 'pong', link: seat.id, sentAt }));
      void answer((done) => seat.command(() => undefined, done)).then(() =>
        this.dispatch({ type: 'role', link: seat.id, master: seat.server.isMaster, askedAt: sentAt }),
      );
    } else if (effect.type === 'pingAfterCanary') {
      void seat.ping().then(() => this.dispatch({ type: 'canaryPong', nonce: effect.nonce, link: seat.id }));
    }
  }

  private end(seat: Seat): void {
    this.links.delete(seat.id);
    this.desk.ended(asLink(seat));
    seat.isDestroyed = true;
    seat.receive = () => undefined;
    seat.end();
  }

  private asLink(id: number | null): Link | null {
    const seat = id === null ? undefined : this.links.get(id);
    return seat ? asLink(seat) : null;
  }

  private open(id: number, name: 'a' | 'b'): void {
    const server = this.servers[name];
    const link = new InventedLink(id, server, this.time, DELAY, (what) =>
      this.time.onClient(() => this.arrive(seat, what)),
    );
    const seat: Seat = Object.assign(link, {
      receive: () => undefined,
      sync: { control: true, isComplete: true },
      isDestroyed: false,
      ping: () => answer((done) => link.command(() => undefined, done)),
    });
    this.links.set(id, seat);
    server.links.add(seat);
    const fail = (refused: boolean): void => this.dispatch({ type: 'failed', link: id, refused });
    if (server.isDead) {
      this.time.after(DELAY, () => this.time.onClient(() => fail(false)));
      return;
    }
    const subscribe = (): void => {
      if (!server.isMaster) return fail(false);
      if (server.refuses) return fail(true);
      this.dispatch({ type: 'subscribing', link: id });
      let missing = KEYS.length + 1;
      for (const key of [CONTROL, ...KEYS]) {
        seat.command(
          () => seat.keys.add(key),
          () => {
            missing -= 1;
            if (missing === 0) this.dispatch({ type: 'live', link: id, control: true });
          },
        );
      }
    };
    seat.command(() => undefined, subscribe);
  }

  /** Bytes reached the client. */
  private arrive(seat: Seat, what: () => void): void {
    if (seat.isDestroyed) return;
    what();
    if (this.driver.state.current?.id !== seat.id) return;
    this.driver.heardAt = this.time.now;
    const { suspect, verdicts } = this.driver.state.current;
    if (suspect || verdicts.silent !== undefined) this.dispatch({ type: 'heard', link: seat.id });
  }

  private control(server: InventedServer, word: string): void {
    server.publish(CONTROL, (link) => {
      link.say(() => {
        if (this.desk.hears(asLink(link), word) || !word.startsWith('c')) return;
        this.dispatch({ type: 'canaryReturned', nonce: Number(word.slice(1)), link: link.id });
      });
    });
  }

  private publishCanary(nonce: number): void {
    const name = this.driver.state.target as 'a' | 'b';
    const server = this.servers[name];
    const failed = (): void => this.time.onClient(() => this.dispatch({ type: 'canaryFailed', nonce }));
    this.time.after(this.driver.config.canary!.timeout, failed);
    this.time.after(DELAY, () => {
      server.execute(() => {
        this.control(server, `c${String(nonce)}`);
        this.time.after(DELAY, () =>
          this.time.onClient(() => this.dispatch({ type: 'canaryPublished', nonce, server: name })),
        );
      });
    });
  }

  /** The Sentinels are asked again and again, and have answers of one moment. */
  private poll(): void {
    const at = this.time.now;
    this.time.after(DELAY, () => {
      const { named } = this;
      this.time.after(DELAY, () =>
        this.time.onClient(() => {
          if (this.driver.state.target !== named) this.dispatch({ type: 'target', server: named });
          this.dispatch({ type: 'agreed', at });
        }),
      );
    });
    this.time.after(POLL, () => this.time.onClient(() => this.poll()));
  }

  private publish(): void {
    if (!this.publishing) return;
    const server = this.servers[this.named];
    server.execute(() => {
      const n = this.accepted.length;
      const key = KEYS[n % KEYS.length]!;
      const named = server === this.servers[this.named];
      this.accepted.push({ n, key, server: server.name, named, at: this.time.now });
      const payload = Buffer.from(String(n));
      server.publish(key, (link) => {
        link.say(() => (link as Seat).receive('pattern', key, Buffer.from(key), payload));
      });
    });
    this.time.after(PACE, () => this.publish());
  }
}

function asLink(link: InventedLink): Link {
  return link as unknown as Link;
}

/** A promise of invented time: it goes on at the moment of its answer. Never rejects; a link that ended stays silent. */
function answer(ask: (done: () => void) => void): Promise<void> {
  const promise = {
    then: (next: () => void) => {
      ask(next);
      return promise;
    },
    catch: () => {
      ask(() => undefined);
      return promise;
    },
  };
  return promise as unknown as Promise<void>;
}
