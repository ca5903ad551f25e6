import { nextWake } from '../subscription/schedule.js';
import type { State } from '../subscription/state.js';

/** A timer that is later than this was held up by our own event loop. Milliseconds. */
const STALL = 100;

/**
 * The one timer behind the machine. After a stall of the event loop timers fire before sockets are read, so the socket
 * gets a turn before the machine is woken.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly wake: (lag: number) => void) {}

  /** Sets the timer to what the machine waits for. */
  follow(state: State): void {
    clearTimeout(this.timer);
    const due = nextWake(state);
    if (due === null) return;
    this.timer = setTimeout(
      () => {
        clearImmediate(this.turn);
        this.turn = setImmediate(() => {
          // Measured here, because what is read in this turn may hold it up as well.
          const lag = performance.now() - due;
          this.wake(lag > STALL ? lag : 0);
        });
      },
      Math.max(0, due - performance.now()),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.turn);
  }
}
