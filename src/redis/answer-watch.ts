import type { Connection } from './connection.js';
import { startPatientTimer } from './patient-timer.js';

/** One timer for all that is under way on a connection: answers come in order, so silence means the same for each. */
export class AnswerWatch {
  private connection: Connection | null = null;
  private unanswered = 0;
  private answeredAt = 0;
  private cancel = (): void => undefined;

  constructor(private readonly onSilent: (connection: Connection, timeout: number) => void) {}

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return this.unanswered === 0;
  }

  /** From now on this connection counts, and no other. */
  follow(connection: Connection | null): void {
    this.cancel();
    this.connection = connection;
    this.unanswered = 0;
  }

  /** @param timeout milliseconds of silence after which nothing is waited for any more */
  asked(connection: Connection, timeout: number): void {
    if (connection !== this.connection) return;
    this.unanswered += 1;
    if (this.unanswered > 1) return;
    this.answeredAt = performance.now();
    this.wait(connection, timeout, timeout);
  }

  answered(connection: Connection): void {
    if (connection !== this.connection) return;
    this.unanswered -= 1;
    this.answeredAt = performance.now();
    if (this.isIdle) this.cancel();
  }

  private wait(connection: Connection, timeout: number, rest: number): void {
    this.cancel = startPatientTimer(rest, () => {
      const silence = performance.now() - Math.max(this.answeredAt, connection.heardAt);
      if (silence < timeout) this.wait(connection, timeout, timeout - silence);
      else this.onSilent(connection, timeout);
    });
  }
}
