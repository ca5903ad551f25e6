/**
 * Lets Node import TypeScript, which is compiled as it is read; nothing is written to disk:
 *
 *     node --import ./scripts/run/typescript.mjs some/file.ts
 */
import module from 'node:module';

import * as hooks from './typescript-hooks.mjs';

process.setSourceMapsEnabled(true);
// Node 20 has only the older way, which later versions deprecate.
if (module.registerHooks) module.registerHooks(hooks);
else module.register('./typescript-hooks.mjs', import.meta.url);
