import { randomBytes } from 'node:crypto';
import type { ResolvedOptions } from '../options.js';
import { statusOf, type State } from '../subscription/state.js';
import { Acknowledgements } from './acknowledgements.js';
import { ChosenTopology } from './chosen-topology.js';
import { ConnectionSource } from './connection-source.js';
import { Journal, type EngineLogger } from './journal.js';
import { RedisResilientKeepAlive } from './keep-alive.js';
import { LiveClock } from './live-clock.js';
import { machineConfig } from './machine-config.js';
import { maxSilence } from './max-silence.js';
import { RedisResilientMonitor } from './monitor.js';
import { Publisher } from './publisher.js';
import { RecoveryWatch, type RecoveryVerdict } from './recovery-watch.js';
import { Report } from './report.js';
import { secondOpinion } from './second-opinion.js';
import type { Snapshot } from './snapshot.js';
import { Subscriptions, type Sink, type SubscriptionKind } from './subscriptions.js';
import { Supervisor } from './supervisor.js';
import { takeSnapshot } from './take-snapshot.js';
import { Trace } from './trace.js';

export type { EngineLogger } from './journal.js';
export type { Sink, SubscriptionKind } from './subscriptions.js';

/** Everything of one instance: topology watch, supervised link, publisher, keep-alive and monitor. */
export class Engine {
  readonly keepAlive: RedisResilientKeepAlive;
  readonly monitor: RedisResilientMonitor;
  /** Unique in the deployment. */
  readonly instance = randomBytes(6).toString('hex');
  private readonly subscriptions = new Subscriptions();
  private readonly acknowledgements: Acknowledgements;
  private readonly topology: ChosenTopology;
  private readonly publisher: Publisher;
  private readonly supervisor: Supervisor;
  private readonly report: Report;
  private readonly trace: Trace;
  private readonly firstVerdict: Promise<void>;
  private settle: () => void = () => undefined;
  private readonly connection: ConnectionSource;
  private readonly clock = new LiveClock(() => ({
    state: this.supervisor.state,
    link: this.supervisor.current,
  }));
  private readonly recovery: RecoveryWatch;
  private isClosed = false;
  /** Messages taken and not finished; whoever handles them says how many. */
  pending: () => number = () => 0;

  constructor(
    readonly options: ResolvedOptions,
    logger: EngineLogger,
    readonly name?: string,
  ) {
    const { keepAlive, reconnect } = options;
    this.firstVerdict = new Promise((resolve) => (this.settle = resolve));
    const connection = new ConnectionSource(options.redis, keepAlive.timeout);
    this.connection = connection;
    const source = () => connection.get();
    const journal = new Journal(
      logger,
      () => connection.masterName,
      () => this.where(),
    );
    const trace = new Trace({ instance: this.instance, name: name ?? null });
    this.trace = trace;
    this.report = new Report(journal, trace, options.controlPrefix, {
      changed: () => {
        this.changed();
      },
      gap: (gap) => {
        if (gap.cause === 'start') this.settle();
        this.monitor.reportGap(gap);
      },
      stepped: (state, before) => {
        this.stepped(state, before);
      },
      retarget: (address) => {
        this.supervisor.target(address);
      },
      nominate: (address) => {
        this.supervisor.nominate(address);
      },
      tell: (event) => {
        this.supervisor.dispatch(event);
      },
    });
    this.topology = new ChosenTopology(source, this.report, keepAlive.timeout, reconnect.maxDelay);
    this.publisher = new Publisher(source, {
      connectTimeout: keepAlive.timeout,
      backoff: reconnect,
      failed: (code) => {
        trace.publishFailed(code);
      },
    });
    this.supervisor = new Supervisor({
      config: machineConfig(options),
      source,
      subscriptions: this.subscriptions,
      publisher: this.publisher,
      controlChannel: `${options.controlPrefix}:${this.instance}`,
      publishTimeout: options.client.publishTimeout,
      listener: this.report,
    });
    this.acknowledgements = new Acknowledgements(() => this.supervisor.current);
    this.keepAlive = new RedisResilientKeepAlive(this.supervisor, keepAlive.timeout);
    this.monitor = new RedisResilientMonitor({
      snapshot: () => this.snapshot(),
      maxSilence: () =>
        maxSilence(options, {
          sentinels: connection.masterName !== null,
          canary: this.report.isCanaryTrusted,
          role: this.report.isRoleTold,
        }),
      rotate: () => this.rotate(),
      openGap: (cause, patterns, from) => this.report.openLocal(cause, patterns, from),
    });
    this.recovery = new RecoveryWatch(
      {
        state: () => this.supervisor.state,
        deafFor: () => this.clock.deafFor,
        secondOpinion: () =>
          source()
            .then((given) => secondOpinion(given, [...this.subscriptions.keys()], keepAlive.timeout))
            .catch(() => false),
      },
      options.health.livenessGrace,
    );
    trace.instance('opened', () => this.snapshot());
  }

  /**
   * Wants a subscription, before or after `start()`.
   * @throws RedisResilientError INVALID_HANDLER where another sink has this name already
   */
  subscribe(kind: SubscriptionKind, name: string, sink: Sink): void {
    this.subscriptions.add(kind, name, sink);
    this.supervisor.current?.resync();
  }

  unsubscribe(kind: SubscriptionKind, name: string): void {
    this.subscriptions.remove(kind, name);
    this.supervisor.current?.resync();
  }

  /**
   * Resolves once Redis acknowledged a subscription on the live link.
   * @param deadline milliseconds, default none
   * @throws RedisResilientError TIMEOUT, REFUSED or CLOSED
   */
  acknowledged(kind: SubscriptionKind, name: string, deadline = Infinity): Promise<void> {
    return this.acknowledgements.wait(kind, name, deadline);
  }

  /** Starts to listen. Returns at once; Redis being away is no error. */
  start(): void {
    if (this.isClosed) return;
    this.supervisor.dispatch({ type: 'start' });
    this.topology.start();
  }

  /** Resolves once live for the first time, or once it is known that Redis is not there yet. Never rejects. */
  settled(): Promise<void> {
    return this.firstVerdict;
  }

  /**
   * Publishes to the master over a connection of our own.
   * @returns the number of clients that Redis believes to have reached, which proves nothing
   * @throws RedisResilientError CONNECTION, REFUSED, TIMEOUT or CLOSED, within `client.publishTimeout`
   */
  publish(channel: string | Buffer, payload: string | Buffer): Promise<number> {
    if (!this.isClosed) this.topology.start();
    return this.publisher.publish(channel, payload, this.options.client.publishTimeout);
  }

  /** Whether a restart of the process would help, and why. Answers at once. */
  recoveryVerdict(): RecoveryVerdict {
    return this.recovery.verdict();
  }

  /** A late message was dropped, as asked for. */
  countLateDropped(): void {
    this.report.lateDropped += 1;
  }

  /** From now on no message reaches a sink; `publish` still works. */
  stopIntake(): void {
    this.supervisor.stopIntake();
  }

  /** Ends everything at once, whether Redis answers or not. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection.close();
    this.topology.close();
    this.supervisor.close();
    this.publisher.close();
    this.acknowledgements.close();
    this.settle();
    this.monitor.complete();
    this.trace.instance('closed', () => this.snapshot());
  }

  private stepped(state: State, before: State): void {
    if (state.current?.id !== before.current?.id) {
      this.acknowledgements.check();
      if (state.current) this.settle();
    }
    this.topology.hurry(state.phase === 'running' && statusOf(state) !== 'live');
  }

  private changed(): void {
    this.acknowledgements.check();
    this.clock.observe();
    this.monitor.changed();
  }

  private where(): string {
    const { target } = this.supervisor.state;
    const { masterName } = this.connection;
    const master = masterName === null ? '' : ` (${masterName}, epoch ${String(this.report.epoch)})`;
    return `${target ?? 'nowhere'}${master}`;
  }

  private snapshot(): Snapshot {
    return takeSnapshot({
      instance: this.instance,
      name: this.name ?? null,
      live: this.clock.isLive(),
      since: this.clock.since,
      wanted: this.subscriptions.size,
      pending: this.pending(),
      state: this.supervisor.state,
      link: this.supervisor.current,
      report: this.report,
      sentinels: this.topology.sentinels(),
    });
  }

  private rotate(): Promise<void> {
    this.topology.refresh();
    this.publisher.reconnect();
    return this.supervisor.rotate();
  }
}
