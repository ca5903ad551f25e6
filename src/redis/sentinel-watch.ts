import type { RedisOptions } from 'ioredis';
import { addressKey, throughNatMap, type Address } from './address.js';
import { ConnectionOptionsError } from './connection-source.js';
import { rootMessage } from './refusal.js';
import { countVotes, type Votes } from './sentinel-votes.js';
import { SentinelView, type Sibling } from './sentinel-view.js';
import type { OptionsSource, SentinelCount, Topology, TopologyListener } from './topology.js';

/** Milliseconds between two polls of a Sentinel while all is well: two commands each time. */
export const CALM = 3000;
/** Polls are spread by this share of the interval, so that instances do not ask together. */
export const JITTER = 0.2;
/** While something is wrong. */
const HURRIED = 250;
/** Between two look-ups of the list of Sentinels: while all of them answer, and while one may have moved. */
const RENEWAL = { calm: 30_000, hurried: 2_000 };

/**
 * Watches all Sentinels in parallel. A majority of them decides which server is the master; a hung or wrong one
 * neither delays nor misleads. They tell of a switch by themselves (`+switch-master`), and are polled in any case,
 * because they tell it once only, and a Sentinel on the dead host never does.
 */
export class SentinelWatch implements Topology {
  private readonly views = new Map<string, SentinelView>();
  private target: { readonly address: Address; readonly epoch: number } | null = null;
  private natMap: Parameters<typeof throughNatMap>[1];
  private hurried = true;
  private isDegraded = false;
  private confirming: string | null = null;
  private renewedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private lastPoll = -Infinity;
  private closed = false;

  constructor(
    private readonly name: string,
    private readonly source: OptionsSource,
    private readonly timeout: number,
    private readonly listener: TopologyListener,
    /** Whether the node at this address says that it is a master. */
    private readonly confirmMaster: (address: Address) => Promise<boolean>,
  ) {}

  start(): void {
    this.refresh();
  }

  hurry(hurried: boolean): void {
    if (this.hurried === hurried || this.closed) return;
    this.hurried = hurried;
    this.schedule();
  }

  refresh(): void {
    this.source().then(
      (options) => {
        if (this.closed) return;
        this.natMap = options.natMap;
        this.configure(options);
        this.pollAll();
      },
      (error: unknown) => {
        if (this.closed) return;
        this.listener.untargeted(error);
        this.schedule();
      },
    );
  }

  sentinels(): SentinelCount {
    const { known, answering, votes } = countVotes(this.views.values());
    const agreeing = this.target ? (votes.get(addressKey(this.target.address))?.length ?? 0) : 0;
    return { known, answering, agreeing };
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const view of this.views.values()) view.close();
    this.views.clear();
  }

  private add(address: Address, discovered: boolean): void {
    const key = addressKey(address);
    if (this.views.has(key)) return;
    this.views.set(
      key,
      new SentinelView(address, discovered, this.name, this.source, this.timeout, {
        permissions: this.listener.permissions,
        reported: (view) => this.reported(view),
        failed: (view, error) => this.failed(view, error),
        switched: () => this.pollAll(),
        selected: (node) => {
          if (this.target) this.listener.candidate(this.reachable(node));
        },
      }),
    );
  }

  /** Adds what the options name, and forgets what they no longer name unless it answers. */
  private configure({ sentinels }: RedisOptions): void {
    const addresses = (sentinels ?? []).map(({ host = '127.0.0.1', port = 26379 }) => ({ host, port }));
    for (const address of addresses) this.add(address, false);
    this.forget(new Set(addresses.map(addressKey)), (view) => !view.discovered);
  }

  private forget(listed: ReadonlySet<string>, concerns: (view: SentinelView) => boolean): void {
    for (const [key, view] of this.views) {
      if (concerns(view) && !view.report && !listed.has(key)) this.drop(key);
    }
  }

  private drop(key: string): void {
    this.views.get(key)?.close();
    this.views.delete(key);
    this.listener.permissions.forget(key);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    const interval =
      this.hurried || this.isDegraded || !this.target
        ? HURRIED
        : CALM * (1 - JITTER + 2 * JITTER * Math.random());
    const due = Math.max(0, this.lastPoll + interval - performance.now());
    this.timer = setTimeout(() => {
      // The options may name others by now; without a Sentinel there were none yet.
      if (this.isSilent()) this.refresh();
      else this.pollAll();
    }, due);
  }

  private pollAll(): void {
    if (this.closed) return;
    this.lastPoll = performance.now();
    for (const view of this.views.values()) view.poll();
    this.schedule();
  }

  private reported(view: SentinelView): void {
    this.dropDoubles(view);
    const { known, answering } = this.decide();
    if (performance.now() - this.renewedAt < RENEWAL[answering < known ? 'hurried' : 'calm']) return;
    this.renewedAt = performance.now();
    view.siblings().then(
      (siblings) => {
        this.renew(siblings);
      },
      () => undefined, // the view reports its own failure
    );
  }

  private failed(view: SentinelView, error: unknown): void {
    this.decide();
    if (this.isSilent() && !view.discovered) this.listener.untargeted(error);
  }

  private isSilent(): boolean {
    return [...this.views.values()].every(({ report }) => report === null);
  }

  private decide(): Votes {
    const counted = countVotes(this.views.values());
    const { majority, answering, waiting, votes } = counted;
    if (answering >= majority) this.setDegraded(false);
    else if (!waiting) this.setDegraded(true);
    for (const reports of votes.values()) {
      if (reports.length < majority) continue;
      const epoch = Math.max(...reports.map((report) => report.epoch));
      const [first] = reports;
      if (first) this.follow(first.master, epoch);
      // The majority agreed at the moment at which the last of the freshest majority was asked.
      const askedAt = reports.map((report) => report.sentAt).sort((a, b) => b - a)[majority - 1];
      if (askedAt !== undefined) this.listener.agreed(askedAt);
      return counted;
    }
    if (answering > 0 && this.isDegraded) this.followMinority([...votes.values()].flat());
    return counted;
  }

  /** Fewer than a majority answer us: the highest epoch is right, provided that the node agrees. */
  private followMinority(reports: readonly { master: Address; epoch: number }[]): void {
    const [best] = [...reports].sort((a, b) => b.epoch - a.epoch);
    if (!best || (this.target && best.epoch <= this.target.epoch)) return;
    const key = addressKey(best.master);
    if (this.confirming === key) return;
    this.confirming = key;
    void this.confirmMaster(this.reachable(best.master))
      .then((confirmed) => {
        if (confirmed && !this.closed && this.isDegraded) this.follow(best.master, best.epoch);
      })
      .finally(() => {
        this.confirming = null;
      });
  }

  private follow(address: Address, epoch: number): void {
    const { target } = this;
    if (target && addressKey(target.address) === addressKey(address)) {
      if (epoch <= target.epoch) return;
      this.target = { address, epoch };
      // An epoch begins when another server becomes the master: it was one, and this one is it again.
      this.listener.returned(epoch);
    } else {
      this.target = { address, epoch };
      this.listener.target(this.reachable(address), epoch);
    }
  }

  private reachable(address: Address): Address {
    try {
      return throughNatMap(address, this.natMap);
    } catch (error) {
      const words = `redis.natMap failed for ${addressKey(address)}: ${rootMessage(error)}`;
      this.listener.untargeted(new ConnectionOptionsError('CONNECTION', words, { cause: error }));
      return address;
    }
  }

  private setDegraded(degraded: boolean): void {
    if (this.isDegraded === degraded) return;
    this.isDegraded = degraded;
    this.listener.degraded(degraded);
  }

  /** A Sentinel that is reached by two addresses has one voice. */
  private dropDoubles(view: SentinelView): void {
    for (const [key, other] of this.views) {
      if (other === view || !other.report || view.runId === null || other.runId !== view.runId) continue;
      return this.drop(other.discovered ? key : addressKey(view.address));
    }
  }

  private renew(siblings: readonly Sibling[]): void {
    if (this.closed) return;
    // One that does not answer may be at another address by now.
    const known = new Set([...this.views.values()].map(({ report, runId }) => report && runId));
    const listed = new Set<string>();
    for (const { address, runId } of siblings) {
      const reachable = this.reachable(address);
      listed.add(addressKey(reachable));
      if (!known.has(runId)) this.add(reachable, true);
    }
    this.forget(listed, (view) => view.discovered);
  }
}
