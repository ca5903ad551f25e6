import type { LoggerService } from '@nestjs/common';

interface Line {
  readonly level: 'log' | 'warn' | 'error';
  readonly text: string;
  readonly context: string | undefined;
}

/** A Nest logger that keeps what it is told: `NestFactory.create(AppModule, { logger: new CapturedLogs() })`. */
export class CapturedLogs implements LoggerService {
  readonly lines: Line[] = [];

  log(message: unknown, ...rest: unknown[]): void {
    this.add('log', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.add('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.add('error', message, rest);
  }

  /** The texts of one level, of our own loggers only. */
  ours(level?: Line['level']): string[] {
    return this.lines
      .filter((line) => line.context?.startsWith('RedisResilient') && (!level || line.level === level))
      .map(({ text }) => text);
  }

  private add(level: Line['level'], message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const text = message instanceof Error ? (message.stack ?? message.message) : String(message);
    this.lines.push({ level, text, context: typeof context === 'string' ? context : undefined });
  }
}
