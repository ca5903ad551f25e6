/** Bounds in milliseconds; see `ReconnectOptions`. */
export interface BackoffBounds {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly refusedDelay: number;
}

/**
 * Milliseconds to wait before the next attempt, with full jitter: anything between nothing and a bound that doubles
 * with each failure, so that instances which failed together do not return together.
 *
 * @param failures attempts that failed in a row, 0 for a connection that had been healthy
 * @param random a number in [0, 1)
 */
export function retryDelay(failures: number, random: number, bounds: BackoffBounds): number {
  const bound = Math.min(bounds.maxDelay, bounds.minDelay * 2 ** Math.min(failures, 30));
  return random * bound;
}

/** Milliseconds to wait where Redis refuses: only a change on the server helps, so the lower half is not used. */
export function refusedDelay(random: number, bounds: BackoffBounds): number {
  return bounds.refusedDelay * (0.5 + random / 2);
}
