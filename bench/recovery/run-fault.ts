import { setTimeout as pause } from 'node:timers/promises';

import type { Fault, FaultSettings } from './faults.js';
import type { Lab } from './lab.js';
import { longestSilence, measure } from './measure.js';
import type { FaultRun } from './results.js';

/** How one fault is run. */
export interface RunFaultOptions {
  fault: Fault;
  settings: FaultSettings;
  /** Shows what the subscribers log. */
  loud: boolean;
  /** Is told what happens. */
  onProgress: (state: string) => void;
}

/** Between what is prepared and the fault itself. */
const SETTLE = 1_000;
/** For what is still on its way when the watch ends. */
const STRAGGLE = 500;
const TICK = 1_000;

/** Starts a lab, lets the fault strike and watches what becomes of the subscribers. The caller stops the lab. */
export async function runFault(lab: Lab, options: RunFaultOptions): Promise<FaultRun> {
  const { fault, settings, onProgress } = options;
  onProgress('starting Redis, Sentinels and subscribers');
  await lab.start(options.loud);
  fault.prepare?.(lab);
  await pause(SETTLE);

  const struckAt = performance.now();
  const endsAt = struckAt + fault.watch(settings);
  const [endedAt] = await Promise.all([
    watch(lab, struckAt, endsAt, onProgress),
    fault.strike(lab, settings),
  ]);
  await lab.publisher.stop();
  await pause(STRAGGLE);

  const stretch = { struckAt, endedAt };
  const accepted = lab.publisher.accepted.items;
  const mute = longestSilence(accepted, stretch);
  if (mute === Infinity) throw new Error('the Sentinels made no other server the master');
  const outcomes: FaultRun['outcomes'] = {};
  for (const { competitor, heard, died } of lab.subscribers) {
    outcomes[competitor.key] = measure(accepted, heard, died, stretch);
  }
  return { fault: fault.key, mute, outcomes };
}

/** Resolves with the moment at which the watch is over. */
async function watch(
  lab: Lab,
  struckAt: number,
  endsAt: number,
  onProgress: RunFaultOptions['onProgress'],
): Promise<number> {
  for (let now = struckAt; now < endsAt; now = performance.now()) {
    const hearing = lab.subscribers.filter((each) => each.hasHeardSince(now - TICK)).length;
    onProgress(
      `${Math.round((now - struckAt) / 1_000)} of ${Math.round((endsAt - struckAt) / 1_000)} s, ` +
        `${hearing} of ${lab.subscribers.length} hear`,
    );
    await pause(Math.min(TICK, endsAt - now));
  }
  return performance.now();
}
