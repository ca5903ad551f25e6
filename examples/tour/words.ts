import { inspect } from 'node:util';

import type { SubscriptionGap } from '@redis-resilient/nestjs';

import { type Findings, type ProbeAnswer, unreadyTime } from './findings.js';
import type { Screen } from './screen.js';
import type { Audience, Stage } from './stage.js';
import { stripOf } from './strip.js';

/** What stands before everything below a title. */
export const INDENT = '     ';
const NAME_WIDTH = 17;
/** Milliseconds. */
const LIVE_STRIP = 3_000;
const ON_ITS_WAY = 100;

/** Shows what happens on the stage. */
export function audienceOf(screen: Screen): Audience {
  return {
    say: (line) => screen.text('', line),
    log: ({ level, context, message }) => {
      const isWarning = level !== 'log';
      if (!isWarning && !context.startsWith('RedisResilient')) return;
      screen.text('  app │ ', message, isWarning ? 'yellow' : 'dim');
    },
    heard: (message, channel) => {
      screen.line(`${screen.paint('green', '  heard')} ${channel} ${inspect(message)}`);
    },
  };
}

export function showTitle(screen: Screen, number: string, title: string): void {
  screen.line();
  screen.line(`${screen.paint('cyan', number.padEnd(INDENT.length))}${screen.paint('bold', title)}`);
}

/** `name             value`, below a title. */
export function showFact(screen: Screen, name: string, value: string): void {
  screen.line(`${INDENT}${screen.paint('dim', name.padEnd(NAME_WIDTH))}${value}`);
}

/** What a scene has shown. */
export function showFindings(screen: Screen, findings: Findings): void {
  const { deaf, heardAfterNaming, published, missing, late, gaps, atRisk } = findings;
  const named =
    heardAfterNaming === undefined ? '' : `, ${seconds(heardAfterNaming)} of it after a new master was named`;
  showFact(screen, 'deaf for', `${screen.paint('bold', seconds(deaf))}${named}`);
  const reported = gaps.map(gapWords).join(' and ');
  showFact(
    screen,
    'may have missed',
    gaps.length === 0 ? 'nothing' : `${reported} reported, with ${counted(atRisk, 'message')} in it`,
  );
  const missed = screen.paint(missing === 0 ? 'green' : 'yellow', String(missing));
  const brought = late === 0 ? '' : `; ${late} came late`;
  showFact(screen, 'has missed', `${missed} of ${published}${brought}`);
  const answers = findings.health.map((answer) => answerWords(screen, answer));
  showFact(screen, '/health/ready', answers.join(' → '));
}

/** All scenes below each other, and what that comes to. */
export function showSummary(screen: Screen, shown: readonly (readonly [string, Findings])[]): void {
  const width = Math.max(...shown.map(([title]) => title.length)) + 2;
  showTitle(screen, '', `${''.padEnd(width)}deaf for   not ready   missed   late`);
  for (const [title, findings] of shown) {
    const columns = [
      seconds(findings.deaf).padStart(8),
      seconds(unreadyTime(findings)).padStart(12),
      String(findings.missing).padStart(9),
      String(findings.late).padStart(7),
    ];
    screen.line(`${INDENT}${title.padEnd(width)}${columns.join('')}`);
  }
  const published = shown.reduce((sum, [, findings]) => sum + findings.published, 0);
  const missing = shown.reduce((sum, [, findings]) => sum + findings.missing, 0);
  const missed = missing === 0 ? 'none missed' : `${missing} missed, each within a gap that was reported`;
  screen.line();
  screen.text('', `${counted(published, 'message')} published, ${missed}; none came twice.`, 'green');
}

/** The line that moves. */
export function liveWords(screen: Screen, stage: Stage): string {
  const { tally, health } = stage;
  const to = performance.now() - ON_ITS_WAY;
  const strip = stripOf(screen, stage, to - LIVE_STRIP, to);
  const answer = { status: undefined, state: '', ...health.now, duration: undefined };
  return `   ${strip}  ${tally.accepted} published, ${tally.heard} handled, ready: ${answerWords(screen, answer)}`;
}

/** `200 live`, `503 connecting for 0.04 s` */
function answerWords(screen: Screen, { status, state, duration }: ProbeAnswer): string {
  const lasted = duration === undefined ? '' : ` for ${seconds(duration)}`;
  return `${screen.paint(status === 200 ? 'green' : 'red', String(status ?? 'no answer'))} ${state}${lasted}`;
}

function gapWords({ duration, cause }: SubscriptionGap): string {
  return `a gap of ${seconds(duration)} (${cause})`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
