/** What keeps this process busy: links, publishers and servers of the test do not, so this is the engine's. */
export interface Resources {
  timers: number;
  sockets: number;
  /** Bytes in use after a collection. */
  heap: number;
}

/** More than this between the first series and the last is growth; the kept link and attempts come and go. */
const ROOM: Resources = { timers: 4, sockets: 4, heap: 24 * 1024 * 1024 };

/** Needs `--expose-gc`. */
export function measureResources(): Resources {
  const names = process.getActiveResourcesInfo();
  const count = (name: string): number => names.filter((each) => each === name).length;
  globalThis.gc?.();
  const { heapUsed: heap } = process.memoryUsage();
  return { timers: count('Timeout'), sockets: count('TCPSocketWrap') + count('TLSWrap'), heap };
}

/** What has grown, in one line each. */
export function growth(first: Resources, last: Resources): string[] {
  return (['timers', 'sockets', 'heap'] as const)
    .filter((what) => last[what] > first[what] + ROOM[what])
    .map((what) => `${what} have grown from ${first[what]} to ${last[what]}`);
}
