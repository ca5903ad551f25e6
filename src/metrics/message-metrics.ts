import { Counter, Histogram, type Registry } from 'prom-client';
import type { MessageEvent } from '../channels.js';
import { BoundedLabel, nameOf } from './labels.js';
import type { ResolvedMetricsOptions } from './metrics-options.js';

type Outcome = MessageEvent['outcome'];

const OUTCOMES = {
  handled: true,
  failed: true,
  dropped: true,
  broken: true,
  'late-dropped': true,
} satisfies Record<Outcome, true>;

/** The series of one pattern of one instance: looked up once, because this happens for every message. */
interface Series {
  readonly outcomes: Readonly<Record<Outcome, { inc: () => void }>>;
  readonly handler: { observe: (seconds: number) => void };
  readonly late: { inc: () => void };
}

/** Counts messages and measures their handlers. */
export class MessageMetrics {
  readonly #messages: Counter;
  readonly #late: Counter;
  readonly #handlers: Histogram;
  readonly #patterns: BoundedLabel;
  /** By name, then by pattern as it was given. Bounded: the patterns beyond the limit are not remembered. */
  readonly #series = new Map<string, Map<string, Series>>();

  constructor({ prefix, buckets, maxPatterns }: ResolvedMetricsOptions, register: Registry) {
    const registers = [register];
    this.#messages = new Counter({
      name: `${prefix}messages_total`,
      help: 'Messages by pattern and by what became of them.',
      labelNames: ['name', 'pattern', 'outcome'],
      registers,
    });
    this.#late = new Counter({
      name: `${prefix}late_messages_total`,
      help: 'Messages that an old link delivered after its successor spoke, those dropped for it included.',
      labelNames: ['name'],
      registers,
    });
    this.#handlers = new Histogram({
      name: `${prefix}handler_seconds`,
      help: 'From the call of a handler to its end: promise settled, Observable completed.',
      labelNames: ['name', 'pattern'],
      buckets: [...buckets.handler],
      registers,
    });
    this.#patterns = new BoundedLabel(maxPatterns);
  }

  readonly message = (event: MessageEvent): void => {
    const series = this.seriesOf(nameOf(event), this.#patterns.of(event.pattern));
    series.outcomes[event.outcome].inc();
    if (event.late) series.late.inc();
    if (event.outcome === 'handled' || event.outcome === 'failed') {
      series.handler.observe(event.duration / 1000);
    }
  };

  private seriesOf(name: string, pattern: string): Series {
    let patterns = this.#series.get(name);
    if (!patterns) this.#series.set(name, (patterns = new Map<string, Series>()));
    let series = patterns.get(pattern);
    if (!series) patterns.set(pattern, (series = this.createSeries(name, pattern)));
    return series;
  }

  private createSeries(name: string, pattern: string): Series {
    const of = (outcome: Outcome): { inc: () => void } => {
      const child = this.#messages.labels({ name, pattern, outcome });
      child.inc(0);
      return child;
    };
    const late = this.#late.labels({ name });
    late.inc(0);
    return {
      outcomes: Object.fromEntries(
        (Object.keys(OUTCOMES) as Outcome[]).map((one) => [one, of(one)]),
      ) as Series['outcomes'],
      handler: this.#handlers.labels({ name, pattern }),
      late,
    };
  }
}
