/** Messages per second. */
export const RATE = 50;
/** How long a Sentinel waits for a silent server, in milliseconds. */
export const DOWN_AFTER = 2_000;
