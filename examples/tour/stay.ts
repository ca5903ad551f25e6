import { setTimeout as pause } from 'node:timers/promises';

import type { RedisNode } from '@redis-resilient/nestjs/testing';

import type { Screen } from './screen.js';
import type { Stage } from './stage.js';
import { liveWords, showFact, showTitle } from './words.js';

const LOOK_EVERY = 1_000;
/** Milliseconds for which the numbered messages are remembered. */
const MEMORY = 60_000;

/** Leaves everything up and says how to play with it, until `signal` is aborted. */
export async function stay(stage: Stage, screen: Screen, signal: AbortSignal): Promise<void> {
  const { topology, tally } = stage;
  let shown: RedisNode | undefined;
  const unfollow = screen.follow(() => liveWords(screen, stage));
  while (!signal.aborted) {
    const master = await topology.masterOf();
    if (master && master !== shown) showPorts(stage, screen, master);
    shown = master ?? shown;
    tally.forget(performance.now() - MEMORY);
    await pause(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
  }
  unfollow();
}

function showPorts({ topology, server, url }: Stage, screen: Screen, master: RedisNode): void {
  const cli = `${shellWord(server.cli ?? 'redis-cli')} -p ${master.port}`;
  const replicas = topology.nodes.filter((node) => node !== master);
  const row = (name: string, words: string): void => showFact(screen, name, words);
  showTitle(screen, '', `Everything stays up until Ctrl-C. The master is ${master.name}.`);
  row('master', `port ${master.port}, process ${master.pid}`);
  row('replicas', `ports ${replicas.map(({ port }) => port).join(', ')}`);
  row(
    'Sentinels',
    `ports ${topology.sentinels.map(({ port }) => port).join(', ')}, name ${topology.masterName}`,
  );
  row('application', url);
  screen.line();
  row('publish', `${cli} publish orders.new '{"id":1}'`);
  row('cut it off', `${cli} client kill type pubsub`);
  row('freeze Redis', `kill -STOP ${master.pid}    and back: kill -CONT ${master.pid}`);
  row('ask it', `curl -i ${url}/health/ready`);
  screen.line();
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
