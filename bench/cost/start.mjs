/** Measures what this library costs, beside what one would take instead. See `npm run bench -- --help`. */
import { prepare } from './prepare.mjs';

await prepare();
// It needs the packages.
await import('../../scripts/run/typescript.mjs');
const { main } = await import('./main.ts');
process.exit(await main(process.argv.slice(2)));
