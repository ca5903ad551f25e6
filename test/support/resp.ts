import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('ioredis/package.json') as { version: string };

/**
 * Whether a subscribed connection may run any command. ioredis 5 speaks RESP2, under which it may not ask for its ROLE, nor for
 * what the server holds for it unread.
 */
export const SPEAKS_RESP3 = !version.startsWith('5.');
