import { setTimeout as pause } from 'node:timers/promises';

import { poll } from '@redis-resilient/nestjs/testing';

import { type Findings, lookBack } from './findings.js';
import { type Scene, SCENES } from './scenes.js';
import type { Screen } from './screen.js';
import type { Stage } from './stage.js';
import { legend, stripOf } from './strip.js';
import { INDENT, liveWords, showFindings, showSummary, showTitle } from './words.js';

/** Milliseconds after which a tour that waits has failed. */
const PATIENCE = 30_000;
/** Milliseconds for which one watches messages arrive, before and after something happens. */
const CALM = 1_000;
/** How many messages may be on their way in the moment in which something happens. */
const ON_THEIR_WAY = 5;
/** Milliseconds without a message in which nothing is wrong. */
const USUAL_SILENCE = 200;

/**
 * Shows what the application lives through, scene by scene.
 *
 * @throws Error with the reason when it does not hear again, when a message is missing unreported, or came twice.
 */
export async function giveTour(stage: Stage, screen: Screen): Promise<void> {
  await hearsAgain(stage);
  screen.line();
  screen.line(legend(screen));
  const shown: [string, Findings][] = [];
  let from = performance.now();
  for (const [index, scene] of SCENES.entries()) {
    showTitle(screen, `${index + 1}/${SCENES.length}`, scene.title);
    for (const words of scene.about) screen.text(INDENT, words);
    const unfollow = screen.follow(() => liveWords(screen, stage));
    const { findings, to } = await play(scene, stage, screen, from).finally(unfollow);
    shown.push([scene.title, findings]);
    from = to;
  }
  showSummary(screen, shown);
}

/** Lets one scene happen; it lasts from the end of the scene before. */
async function play(
  scene: Scene,
  stage: Stage,
  screen: Screen,
  from: number,
): Promise<{ findings: Findings; to: number }> {
  await pause(CALM);
  const { namedAt, mend } = await scene.happen(stage);
  await hearsAgain(stage);
  await pause(CALM);
  const mended = await mend?.();
  await hearsAgain(stage);
  const to = performance.now();
  await hearsAgain(stage);
  const findings = lookBack(stage, from, to, namedAt);
  screen.line(`${INDENT}${stripOf(screen, stage, from, to)}`);
  showFindings(screen, findings);
  if (mended) screen.text(INDENT, mended);
  return { findings, to };
}

/** Resolves once messages flow and the probe says so. */
async function hearsAgain({ tally, health }: Stage): Promise<void> {
  const number = tally.lastNumber + ON_THEIR_WAY;
  await poll(
    () =>
      tally.hasHeardAfter(number) &&
      (tally.silentFor ?? Infinity) < USUAL_SILENCE &&
      health.now?.status === 200,
    { deadline: PATIENCE, what: 'That the application hears, and is ready,' },
  );
}
