/**
 * A process that starts a topology, says so, and never stops it: the clean-up after it is what is tested.
 * The argument `crash` makes it end by an exception of its own.
 */
import { startTopology } from '../../src/testing/index.js';

const topology = await startTopology({ links: true });
// A frozen process cannot be ended by anything but SIGKILL.
topology.nodes[0]?.freeze();
process.send?.({ pids: [...topology.nodes, ...topology.sentinels].map(({ pid }) => pid) });
if (process.argv[2] === 'crash') throw new Error('crashed');
setInterval(() => undefined, 1_000);
