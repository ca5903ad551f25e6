/** node-redis alone. */
import { createSentinel } from 'redis';

import { assignment, heard } from './assignment.ts';

const { sentinels, name, username, password } = assignment.connection;
const { nodeClientOptions, ...options } = assignment.options;

const sentinel = createSentinel({
  name,
  sentinelRootNodes: sentinels,
  ...options,
  nodeClientOptions: { username, password, ...nodeClientOptions },
});
sentinel.on('error', (error) => console.error(error.message));
await sentinel.connect();
await sentinel.pSubscribe('orders.*', (payload) => heard(JSON.parse(payload).data));
