/**
 * Finds a short part of a list that still fails, by leaving out ever smaller pieces (delta debugging).
 *
 * @param fails whether a part still fails; asked at most `attempts` times
 */
export async function shrink<T>(
  all: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  attempts: number,
): Promise<readonly T[]> {
  let shortest = all;
  let left = attempts;
  let pieces = 2;
  while (shortest.length > 1 && left > 0) {
    const size = Math.ceil(shortest.length / pieces);
    let found = false;
    for (let start = 0; start < shortest.length && left > 0; start += size) {
      const part = [...shortest.slice(0, start), ...shortest.slice(start + size)];
      if (part.length === 0) continue;
      left -= 1;
      if (!(await fails(part))) continue;
      shortest = part;
      found = true;
      break;
    }
    if (found) pieces = Math.max(2, pieces - 1);
    else if (size === 1) break;
    else pieces = Math.min(shortest.length, pieces * 2);
  }
  return shortest;
}
