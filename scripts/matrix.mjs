/** Tries what npm would publish in the corners of all that is supported. See `npm run test:matrix -- --help`. */
import { run } from './run/run.mjs';
import './run/typescript.mjs';

run(process.execPath, ['scripts/pack.mjs']);
const { main } = await import('../test/matrix/main.ts');
process.exit(await main(process.argv.slice(2)));
