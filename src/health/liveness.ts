import type { Engine } from '../redis/engine.js';

/** Whether a restart would help, and why. */
export interface Liveness {
  readonly up: boolean;
  readonly reason: string | null;
}

/** Down only when a restart would help. Redis being away, a permission taken or a full server are no reason for one. */
export function liveness(engine: Engine): Liveness {
  if (engine.monitor.snapshot().state === 'closed') {
    return { up: false, reason: 'the instance was closed while the application runs on' };
  }
  return engine.recoveryVerdict();
}
