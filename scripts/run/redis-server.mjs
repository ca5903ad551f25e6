import { bringRedisServer } from '../../dist/esm/testing/index.js';

const { program, version } = await bringRedisServer();
console.log(`redis-server ${version}: ${program}`);
