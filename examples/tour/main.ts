import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Cleanup } from './cleanup.js';
import { Screen } from './screen.js';
import { setStage } from './stage.js';
import { stay } from './stay.js';
import { giveTour } from './tour.js';
import { audienceOf } from './words.js';

/** Milliseconds that the end may take; what is left of the servers is then ended by their watchdog. */
const CLEANUP_DEADLINE = 10_000;

const USAGE = [
  'npm start              gives a tour of what breaks, and of what the application notices',
  'npm start -- --stay    does so too, and leaves everything up until Ctrl-C',
].join('\n');

/**
 * Gives the tour, and undoes all that it needed.
 *
 * @returns the exit code: 0 when all went well, Ctrl-C included where one was asked to stay; 1 when something failed;
 * 2 for unknown arguments; 130 when the tour was interrupted.
 */
export async function main(args: string[]): Promise<number> {
  const options = parse(args);
  if (!options) return 2;
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const interruption = interrupted();
  const screen = new Screen(process.stdout);
  const cleanup = new Cleanup();
  let isStaying = false;
  const show = async (): Promise<void> => {
    const stage = await setStage(audienceOf(screen), cleanup, interruption);
    await Promise.race([stage.broken, giveTour(stage, screen)]);
    if (!options.stay) return;
    isStaying = true;
    await Promise.race([stage.broken, stay(stage, screen, interruption)]);
  };
  try {
    await Promise.race([show(), rejection(interruption)]);
    return 0;
  } catch (error) {
    if (interruption.aborted) return isStaying ? 0 : 130;
    screen.fail((error as Error).message);
    return 1;
  } finally {
    if (interruption.aborted) screen.line('Ending everything that was started ...');
    screen.close();
    await Promise.race([cleanup.run(), pause(CLEANUP_DEADLINE)]);
  }
}

function parse(args: string[]): { stay: boolean; help: boolean } | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ args, options: { stay: flag, help: flag } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

/** Aborted by Ctrl-C and its like. The same may come twice: from the terminal, and from npm, which passes it on. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // Nobody reads any more, as in `npm start | head`.
  process.stdout.on('error', interrupt);
  return controller.signal;
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
