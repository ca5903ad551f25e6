import { distinctUntilChanged, filter, map, type Observable } from 'rxjs';
import type { RedisResilientMonitor } from '../redis/monitor.js';
import type { Snapshot } from '../redis/snapshot.js';

/** The words of Nest's own Redis transport for `server.status` and `client.status`. */
export type RedisResilientStatus = 'connected' | 'reconnecting' | 'disconnected';

/** The state of an instance in Nest's words. Nothing is said before the first attempt. */
export function statusOf(monitor: RedisResilientMonitor): Observable<RedisResilientStatus> {
  return monitor.status$.pipe(
    map(toStatus),
    filter((status) => status !== undefined),
    distinctUntilChanged(),
  );
}

function toStatus({ live, state }: Pick<Snapshot, 'live' | 'state'>): RedisResilientStatus | undefined {
  if (state === 'idle') return undefined;
  if (state === 'closed') return 'disconnected';
  return live ? 'connected' : 'reconnecting';
}
