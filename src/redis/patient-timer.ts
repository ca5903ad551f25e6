/** Parts of a delay that are waited for one after the other. */
const PARTS = 10;

/**
 * Calls back after `delay` milliseconds in which the event loop was there to hear an answer. After a stall timers fire before
 * sockets are read, so a plain timer would call silence what nobody listened for. Here a stall, however long, counts as no
 * more than a tenth of the delay, and the sockets are read once more before the end.
 *
 * @returns a function that cancels
 */
export function startPatientTimer(delay: number, onElapsed: () => void): () => void {
  let left = PARTS;
  let turn: NodeJS.Immediate | undefined;
  const next = (): NodeJS.Timeout =>
    setTimeout(() => {
      left -= 1;
      if (left === 0) turn = setImmediate(onElapsed);
      else timer = next();
    }, delay / PARTS);
  let timer = next();
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}
