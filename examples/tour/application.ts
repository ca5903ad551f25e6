import type { SubscriptionGap } from '@redis-resilient/nestjs';
import type { SentinelClientOptions } from '@redis-resilient/nestjs/testing';

import type { Told } from './app/tell.js';
import type { Cleanup } from './cleanup.js';
import { Program } from './program.js';

/** The sample application as the tour sees it. */
export interface Application {
  /** Where it serves HTTP. */
  readonly url: string;
  /** Rejects when it ends by itself. */
  readonly broken: Promise<never>;
}

/** Who is told what the application says. */
export interface ApplicationListener {
  /** A message reached the handler. */
  heard(message: unknown, channel: string, late: boolean): void;
  /** A gap was reported; its times are on the clock of this process. */
  gap(gap: SubscriptionGap): void;
  /** It wrote to its log. */
  log(entry: LogEntry): void;
}

/** A line of the application's log. */
export interface LogEntry {
  readonly level: string;
  readonly context: string;
  readonly message: string;
}

const START_DEADLINE = 30_000;

/**
 * Starts the sample application and resolves once it serves HTTP.
 *
 * @throws Error when it ends, or does not serve in time.
 */
export async function startApplication(
  redis: SentinelClientOptions,
  listener: ApplicationListener,
  cleanup: Cleanup,
): Promise<Application> {
  let clockOffset = 0;
  let serves: (url: string) => void = () => undefined;
  const serving = new Promise<string>((resolve) => (serves = resolve));
  const program = new Program({
    name: 'The application',
    file: new URL('app/main.ts', import.meta.url),
    env: { REDIS: JSON.stringify(redis), PORT: '0' },
    onLine: (line) => listener.log(parseLog(line)),
    onMessage: (message) => {
      const told = message as Told;
      if ('heard' in told) listener.heard(told.heard, told.channel, told.late);
      else if ('gap' in told) listener.gap(onOurClock(told.gap, clockOffset));
      else {
        clockOffset = told.timeOrigin - performance.timeOrigin;
        serves(told.url);
      }
    },
  });
  cleanup.add(() => program.stop());
  const { broken } = program;
  const url = await Promise.race([serving, broken, tooLate(START_DEADLINE)]);
  return { url, broken };
}

function onOurClock(gap: SubscriptionGap, offset: number): SubscriptionGap {
  return { ...gap, from: gap.from + offset, to: gap.to === null ? null : gap.to + offset };
}

/** What is written before the logger is there, or past it, is no JSON. */
function parseLog(line: string): LogEntry {
  try {
    const { level, context, message } = JSON.parse(line) as Record<string, unknown>;
    return { level: String(level), context: String(context), message: String(message) };
  } catch {
    return { level: 'error', context: '', message: line };
  }
}

function tooLate(deadline: number): Promise<never> {
  return new Promise((_, reject) => {
    const late = () => reject(new Error(`The application does not serve HTTP after ${deadline / 1000} s.`));
    setTimeout(late, deadline).unref();
  });
}
