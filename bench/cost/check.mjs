/** Fails when an event costs much more than through a bare strategy. See `npm run bench:check -- --help`. */
import { prepare } from './prepare.mjs';

await prepare();
// It needs the packages.
await import('../../scripts/run/typescript.mjs');
const { check } = await import('./check.ts');
process.exit(await check(process.argv.slice(2)));
