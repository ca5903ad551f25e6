/** Compares how subscribers recover; brings the packages it needs. See `npm run bench:recovery -- --help`. */
import { fileURLToPath } from 'node:url';

import { installPackages } from '../../scripts/run/install-packages.mjs';

installPackages(fileURLToPath(new URL('../..', import.meta.url)));
installPackages(fileURLToPath(new URL('.', import.meta.url)));
// It needs the packages.
await import('../../scripts/run/typescript.mjs');
const { main } = await import('./main.ts');
process.exit(await main(process.argv.slice(2)));
