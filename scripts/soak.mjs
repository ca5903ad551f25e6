/** Puts a real topology through random faults and checks the whole history. See `npm run soak -- --help`. */
import './run/typescript.mjs';

const { main } = await import('../test/soak/main.ts');
process.exit(await main(process.argv.slice(2)));
