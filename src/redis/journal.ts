import type { Gap } from '../subscription/gap.js';
import type { Degradation } from './degradation.js';
import { explainFailure } from './words.js';

/** Where the lines go. A Nest `LoggerService` with its context set fits. */
export interface EngineLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** After so many milliseconds of an outage, one more line each, so that an hour costs a handful. */
const REMINDERS = [60_000, 600_000, 3_600_000] as const;
/** The most different errors that are told of one outage. */
const DISTINCT_ERRORS = 4;

/** One line for each change, and no flood: the same error is told once in an outage. */
export class Journal {
  private readonly told = new Set<string>();
  private outage: Gap | null = null;
  private reminders = 0;

  private readonly logger: EngineLogger;

  constructor(
    logger: EngineLogger,
    /** Name of the master at the Sentinels, once known. */
    private readonly masterName: () => string | null,
    private readonly whereNow: () => string,
  ) {
    this.logger = quiet(logger);
  }

  /** Since when the link cannot be trusted, `null` while it can. */
  get deafSince(): number | null {
    return this.outage?.from ?? null;
  }

  gap(gap: Gap): void {
    const forLink = gap.patterns.length === 0;
    if (gap.phase === 'open') {
      if (forLink) {
        this.outage = gap;
        this.reminders = 0;
        this.told.clear();
      }
      this.logger.warn(`${WORDS[gap.cause]} Messages may be missed from now on${names(gap)}.`);
    } else if (gap.phase === 'closed') {
      if (forLink) this.outage = null;
      const missed = `Messages of ${milliseconds(gap.duration)} may have been missed (${gap.cause}${names(gap)}).`;
      this.logger.log(forLink ? `Live again on ${this.whereNow()}. ${missed}` : missed);
    } else if (gap.late > 0) {
      this.logger.log(`The old link still brought ${String(gap.late)} messages of gap ${String(gap.id)}.`);
    }
  }

  attemptFailed(error: unknown, address: string): string {
    return this.failure(explainFailure(error, { what: 'redis', address, master: this.masterName() }));
  }

  untargeted(error: unknown): string {
    return this.failure(
      explainFailure(error, { what: 'sentinel', address: null, master: this.masterName() }),
    );
  }

  refused(patterns: readonly string[], words: string): void {
    const some = patterns.slice(0, 5).join(', ');
    const more = patterns.length > 5 ? ` and ${String(patterns.length - 5)} more` : '';
    this.logger.error(
      `Redis refuses to subscribe ${some}${more}: ${words} ` +
        'Allow it in this user\'s ACL (Redis compares a pattern literally with the rule, for example "&orders.*"). The other subscriptions go on.',
    );
  }

  degraded({ what, costs }: Degradation): void {
    this.logger.warn(`Degraded: ${what} ${costs}`);
  }

  restored({ what }: Degradation): void {
    this.logger.log(`No longer degraded: ${what}`);
  }

  private failure(words: string): string {
    if (!this.told.has(words) && this.told.size < DISTINCT_ERRORS) {
      this.told.add(words);
      this.logger.warn(`${sentence(words)} Trying again until it works.`);
    }
    this.remind(words);
    return words;
  }

  private remind(words: string): void {
    const due = REMINDERS[this.reminders];
    if (!this.outage || due === undefined) return;
    const duration = performance.now() - this.outage.from;
    if (duration < due) return;
    this.reminders += 1;
    this.logger.warn(`Still hearing nothing after ${milliseconds(duration)}: ${words}`);
  }
}

const WORDS: Record<Gap['cause'], string> = {
  start: 'Redis is not there yet; the application starts without it.',
  closed: 'The connection to Redis was closed.',
  silent: 'Redis did not answer PING in time; the link is given up.',
  deaf: 'Redis answers PING, but what is published does not come back: the link is deaf.',
  failover: 'The Sentinels name another master.',
  demoted: 'The server listened to is no longer a master.',
  refused: 'Redis refuses subscriptions.',
  lost: 'Redis had lost subscriptions; they are repeated.',
  handover: 'A hand-over between two links was cut short.',
  overflow: 'More messages wait than dispatch.maxPending allows; some are dropped.',
};

/** A logger that throws, because its own pipe is broken for example, must not end the recovery that it is told of. */
function quiet(logger: EngineLogger): EngineLogger {
  const attempt = (level: keyof EngineLogger) => (message: string) => {
    try {
      logger[level](message);
    } catch {
      // There is nobody left to tell.
    }
  };
  return { log: attempt('log'), warn: attempt('warn'), error: attempt('error') };
}

function names({ patterns }: Gap): string {
  return patterns.length === 0 ? '' : `: ${patterns.slice(0, 5).join(', ')}`;
}

function milliseconds(duration: number): string {
  return duration < 10_000
    ? `${String(Math.round(duration))} ms`
    : `${String(Math.round(duration / 1000))} s`;
}

function sentence(words: string): string {
  return /[.!?)]$/.test(words) ? words : `${words}.`;
}
