import type { ResolvedOptions } from '../options.js';
import type { MachineConfig } from '../subscription/state.js';

/** How long an old link is kept at least for its late messages, in milliseconds. */
const KEEP_FOR = 60_000;
/** How long a link to a candidate waits for a majority of the Sentinels, in milliseconds: they tell each other every 2 s. */
const STANDBY = 10_000;

export function machineConfig({ keepAlive, reconnect, canary }: ResolvedOptions): MachineConfig {
  return {
    ...keepAlive,
    ...reconnect,
    canary: canary === false ? null : canary,
    keepFor: KEEP_FOR,
    standby: STANDBY,
  };
}
