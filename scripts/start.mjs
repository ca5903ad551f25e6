/**
 * Gives the tour, from a fresh clone on: brings the packages, a redis-server and everything else it needs. Needs
 * nothing but Node and npm.
 */
import { fileURLToPath } from 'node:url';

import { checkNode } from './run/check-node.mjs';
import { installPackages } from './run/install-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

checkNode(root);
installPackages(root);
// These need the packages.
await import('./run/typescript.mjs');
const { main } = await import('../examples/tour/main.ts');
process.exit(await main(process.argv.slice(2)));
