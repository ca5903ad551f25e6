import type { ResolvedOptions } from '../options.js';
import type { GapCause } from '../subscription/gap.js';
import { RECONCILE_EVERY, ROLE_EVERY } from './probes.js';
import { CALM, JITTER } from './sentinel-watch.js';

/** The longest time in milliseconds that each kind of deafness can go unnoticed; `null` where there is no bound. */
export type MaxSilence = Readonly<Record<GapCause, number | null>>;

/**
 * Derives the bounds from the configuration, so that they can be printed and checked.
 *
 * @param watched what there is beside the link itself: Sentinels to ask, a canary that can be published and heard, a server
 *   that tells its ROLE
 */
export function maxSilence(
  options: ResolvedOptions,
  watched: { readonly sentinels: boolean; readonly canary: boolean; readonly role: boolean },
): MaxSilence {
  const { interval, timeout } = options.keepAlive;
  const poll = CALM * (1 + JITTER) + timeout;
  return {
    start: 0,
    closed: 0,
    silent: interval + timeout,
    deaf: options.canary && watched.canary ? options.canary.interval + options.canary.timeout : null,
    failover: watched.sentinels ? poll : null,
    demoted: watched.role ? ROLE_EVERY * interval + timeout : null,
    refused: 0,
    lost: RECONCILE_EVERY * interval + timeout,
    handover: 0,
    overflow: 0,
  };
}
