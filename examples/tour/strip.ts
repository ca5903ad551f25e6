import type { Look, Screen } from './screen.js';
import type { Stage } from './stage.js';
import type { StripSigns } from './tally.js';

/** Milliseconds that one sign stands for. */
const STEP = 100;
const LONGEST = 70;

/** What was heard from one moment to another, one sign for each tenth of a second. */
export function stripOf(screen: Screen, { tally }: Stage, from: number, to: number): string {
  const { heard, deaf } = signsOf(screen);
  const looks: Readonly<Record<string, Look>> = { [heard]: 'green', [deaf]: 'red' };
  const signs = tally.strip(from, to, STEP, signsOf(screen)).slice(0, LONGEST);
  return signs.replace(/(.)\1*/gu, (run, sign: string) => screen.paint(looks[sign] ?? 'dim', run));
}

/** What the signs mean. */
export function legend(screen: Screen): string {
  const { heard, deaf, calm } = signsOf(screen);
  const meanings = [
    `${screen.paint('green', heard)} heard`,
    `${screen.paint('red', deaf)} published and not heard`,
    `${screen.paint('dim', calm)} nothing published`,
  ];
  return `Below, each sign is 0.1 s: ${meanings.join(', ')}.`;
}

function signsOf({ moves }: Screen): StripSigns {
  return moves ? { heard: '▇', deaf: '▁', calm: '·' } : { heard: '#', deaf: '_', calm: '.' };
}
