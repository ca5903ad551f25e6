import { consumerLane } from './consumer-lane.js';
import { AT_HAND, type Lane } from './lane.js';
import { REDIS_8, VALKEY } from './other-servers.js';
import { suiteLane } from './suite-lane.js';
import { NEST_11, NEWEST, OLDEST } from './versions.js';

/**
 * The corners of all that is supported, not the product of it. Nest 12 is ES modules only, and Jest can load those into CommonJS
 * from Node 24.9 on; hence where CommonJS tests run under Jest.
 */
export const LANES: readonly Lane[] = [
  consumerLane({
    name: 'newest',
    node: AT_HAND,
    peers: NEWEST,
    typescript: '7.0',
    metrics: true,
    runners: ['Vitest'],
    quick: true,
  }),
  consumerLane({
    name: 'oldest',
    node: AT_HAND,
    peers: OLDEST,
    typescript: '5.9',
    metrics: false,
    runners: ['Jest, CommonJS'],
  }),
  consumerLane({
    name: 'oldest-node-20',
    node: '20.19.0',
    peers: OLDEST,
    typescript: '6.0',
    metrics: true,
    runners: ['Jest, CommonJS', 'Jest, ES modules', 'Vitest'],
  }),
  consumerLane({
    name: 'newest-node-20',
    node: '20.19.0',
    peers: NEWEST,
    typescript: '5.9',
    metrics: true,
    runners: ['Jest, ES modules', 'Vitest'],
  }),
  consumerLane({
    name: 'newest-node-22',
    node: '22.12.0',
    peers: NEWEST,
    typescript: '6.0',
    metrics: false,
    runners: ['Jest, ES modules', 'Vitest'],
  }),
  consumerLane({
    name: 'newest-node-24',
    node: '24.21.0',
    peers: NEWEST,
    typescript: '7.0',
    metrics: true,
    runners: ['Jest, CommonJS', 'Jest, ES modules', 'Vitest'],
  }),
  consumerLane({
    name: 'nest-11-node-24',
    node: '24.21.0',
    peers: NEST_11,
    typescript: '6.0',
    metrics: true,
    runners: ['Jest, CommonJS', 'Jest, ES modules'],
  }),
  suiteLane({ name: 'behaviour-nest-12', lane: 'packed', peers: NEWEST }),
  suiteLane({ name: 'behaviour-nest-11', lane: 'nest11', peers: NEST_11 }),
  suiteLane({ name: 'behaviour-redis-8', lane: 'packed', peers: NEWEST, server: REDIS_8 }),
  suiteLane({ name: 'behaviour-valkey', lane: 'nest11', peers: NEST_11, server: VALKEY }),
];
