import { Counter, Histogram, type Registry } from 'prom-client';
import type {
  CanaryEvent,
  GapEvent,
  InstanceEvent,
  InstanceRef,
  LinkEvent,
  PingEvent,
  PublishFailedEvent,
} from '../channels.js';
import type { RedisResilientErrorCode } from '../errors.js';
import type { GapCause } from '../subscription/gap.js';
import type { AttemptReason } from '../subscription/state.js';
import { nameOf } from './labels.js';
import type { ResolvedMetricsOptions } from './metrics-options.js';

const CAUSES = {
  start: true,
  closed: true,
  silent: true,
  deaf: true,
  failover: true,
  demoted: true,
  refused: true,
  lost: true,
  handover: true,
  overflow: true,
} satisfies Record<GapCause, true>;

const REASONS = {
  start: true,
  closed: true,
  suspect: true,
  verdict: true,
  rotate: true,
  candidate: true,
} satisfies Record<AttemptReason, true>;

const PUBLISH_CODES = ['CONNECTION', 'REFUSED', 'TIMEOUT'] satisfies RedisResilientErrorCode[];

/** Counts and measures what happens to the links of every instance. */
export class EventMetrics {
  readonly #gaps: Counter;
  readonly #gapSeconds: Counter;
  readonly #links: Counter;
  readonly #failedAttempts: Counter;
  readonly #putAway: Counter;
  readonly #suspicions: Counter;
  readonly #publishFailures: Counter;
  readonly #detection: Histogram;
  readonly #recovery: Histogram;
  readonly #pings: Histogram;
  readonly #canaries: Histogram;
  /** When each open gap was reported, on the clock of `performance.now()`. */
  readonly #openedAt = new Map<string, number>();

  constructor({ prefix, buckets }: ResolvedMetricsOptions, register: Registry) {
    const registers = [register];
    const counter = (name: string, help: string, ...labels: string[]): Counter =>
      new Counter({ name: prefix + name, help, labelNames: ['name', ...labels], registers });
    const histogram = (
      name: string,
      help: string,
      bounds: readonly number[],
      ...labels: string[]
    ): Histogram =>
      new Histogram({
        name: prefix + name,
        help,
        labelNames: ['name', ...labels],
        buckets: [...bounds],
        registers,
      });
    this.#gaps = counter('gaps_total', 'Gaps opened: stretches in which messages may be missed.', 'cause');
    this.#gapSeconds = counter('gap_seconds_total', 'Length of the gaps that were closed.', 'cause');
    this.#links = counter('links_total', 'Links that became the one that delivers, by why.', 'reason');
    this.#failedAttempts = counter('link_failures_total', 'Attempts to make a link that failed.', 'reason');
    this.#putAway = counter(
      'successors_put_away_total',
      'Successors opened on suspicion and put away unused.',
    );
    this.#suspicions = counter('suspicions_total', 'Times a link did not answer PING within suspectAfter.');
    this.#publishFailures = counter(
      'publish_failures_total',
      'PUBLISHes that were not acknowledged.',
      'code',
    );
    this.#detection = histogram(
      'detection_seconds',
      'From the last proof of hearing to the gap being reported.',
      buckets.detection,
      'cause',
    );
    this.#recovery = histogram(
      'recovery_seconds',
      'From the gap being reported to being live again.',
      buckets.recovery,
      'cause',
    );
    this.#pings = histogram(
      'ping_seconds',
      'Round trip of PING on the subscribed connection.',
      buckets.roundTrip,
    );
    this.#canaries = histogram('canary_seconds', 'From PUBLISH to hearing the canary.', buckets.roundTrip);
  }

  /** A counter that begins with 1 has not increased for Prometheus: every series begins with 0. */
  readonly instance = (event: InstanceEvent): void => {
    if (event.type !== 'opened') return;
    const name = nameOf(event);
    for (const cause of Object.keys(CAUSES)) {
      this.#gaps.inc({ name, cause }, 0);
      this.#gapSeconds.inc({ name, cause }, 0);
    }
    for (const reason of Object.keys(REASONS)) {
      this.#links.inc({ name, reason }, 0);
      this.#failedAttempts.inc({ name, reason }, 0);
    }
    for (const code of PUBLISH_CODES) this.#publishFailures.inc({ name, code }, 0);
    this.#putAway.inc({ name }, 0);
    this.#suspicions.inc({ name }, 0);
  };

  readonly gap = (event: GapEvent): void => {
    const { phase, cause, duration } = event;
    const labels = { name: nameOf(event), cause };
    const key = gapKey(event);
    if (phase === 'open') {
      this.#gaps.inc(labels);
      // What this process drops itself needs no detection.
      if (cause !== 'overflow') this.#detection.observe(labels, duration / 1000);
      this.#openedAt.set(key, performance.now());
    } else if (phase === 'closed') {
      this.#gapSeconds.inc(labels, duration / 1000);
      const openedAt = this.#openedAt.get(key);
      this.#openedAt.delete(key);
      if (openedAt === undefined || cause === 'overflow') return;
      this.#recovery.observe(labels, (performance.now() - openedAt) / 1000);
    }
  };

  readonly link = (event: LinkEvent): void => {
    const name = nameOf(event);
    const reason = event.reason ?? 'start';
    switch (event.type) {
      case 'promoted':
        return this.#links.inc({ name, reason });
      case 'failed':
        return this.#failedAttempts.inc({ name, reason });
      case 'put-away':
        return this.#putAway.inc({ name });
      case 'suspected':
        return this.#suspicions.inc({ name });
      case 'opened':
        return;
    }
  };

  readonly ping = (event: PingEvent): void => {
    this.#pings.observe({ name: nameOf(event) }, event.duration / 1000);
  };

  readonly canary = (event: CanaryEvent): void => {
    this.#canaries.observe({ name: nameOf(event) }, event.duration / 1000);
  };

  readonly publishFailed = (event: PublishFailedEvent): void => {
    this.#publishFailures.inc({ name: nameOf(event), code: event.code });
  };
}

function gapKey({ instance, id }: InstanceRef & { readonly id: number }): string {
  return `${instance}:${id}`;
}
