import { poll, startTopology, type RedisNode, type Topology } from '../../src/testing/index.js';
import { startPublisher, type Publisher } from '../../test/support/publisher.js';
import { ownLinks, sharedLinks } from './client-links.js';
import { COMPETITORS } from './competitors.js';
import { DOWN_AFTER, RATE } from './rates.js';
import { Subscriber, USER } from './subscriber.js';

/** The channels that the subscribers need: the application's, and the control channel of this library. */
const CHANNELS = '&orders.* &__redis-resilient__:*';
/** Handled by everybody before a fault strikes. */
const WARM_UP = 50;
const READY_DEADLINE = 40_000;

/** One topology, one publisher and one subscriber of each kind. */
export class Lab {
  topology!: Topology;
  publisher!: Publisher;
  readonly subscribers: Subscriber[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  /** What was started, in its order. */
  private readonly parts: { stop(): Promise<unknown> }[] = [];
  private stopping: Promise<void> | undefined;

  /** Starts everything and resolves once every subscriber hears. What was started is ended by {@link stop}. */
  async start(loud: boolean): Promise<void> {
    this.topology = this.keep(
      await startTopology({
        links: true,
        downAfter: DOWN_AFTER,
        users: { [USER.username]: `on >${USER.password} ~* ${CHANNELS} +@all` },
      }),
    );
    for (const competitor of COMPETITORS) {
      const links = competitor.translates ? await ownLinks(this.topology) : sharedLinks(this.topology);
      this.subscribers.push(this.keep(new Subscriber(competitor, links, loud)));
    }
    this.publisher = this.keep(
      await startPublisher({
        to: this.topology,
        channel: 'orders.new',
        rate: RATE,
        payload: '{"pattern":"orders.new","data":{"n":%n}}',
      }),
    );
    await poll(() => this.subscribers.every(({ heard }) => heard.length >= WARM_UP), {
      deadline: READY_DEADLINE,
      what: 'every subscriber having heard something',
    });
  }

  /** The master that a majority of the Sentinels names. */
  async master(): Promise<RedisNode> {
    return poll(() => this.topology.masterOf(), { what: 'a master' });
  }

  /** Does something so many milliseconds later, unless the lab is stopped before. */
  later(milliseconds: number, action: () => void): void {
    this.timers.add(setTimeout(action, milliseconds));
  }

  /** Takes the permission for every channel from the subscribers' user; gives the function that restores it. */
  async takePermission(): Promise<() => Promise<void>> {
    const set = async (...rules: string[]) => {
      await Promise.all(
        this.topology.nodes.map((node) => node.command('ACL', 'SETUSER', USER.username, ...rules)),
      );
    };
    await set('resetchannels');
    return () => set(...CHANNELS.split(' '));
  }

  /** Ends every process, for good. Idempotent. */
  stop(): Promise<void> {
    this.timers.forEach((timer) => clearTimeout(timer));
    return (this.stopping ??= this.end());
  }

  private async end(): Promise<void> {
    for (const part of this.parts.reverse()) await part.stop();
  }

  private keep<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.parts.push(part);
    return part;
  }
}
