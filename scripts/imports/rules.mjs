/** Rooms from the outside in; a room may use every layer below its own. */
const LAYERS = [['index'], ['nest'], ['health', 'transport', 'metrics'], ['redis'], ['subscription']];
/** Usable by every room, and using none. */
const LEAVES = ['options', 'option-checks', 'option-redis', 'errors', 'channels'];
/** Used by no room, and using none. */
const APART = ['testing'];
/** The only files that may do nothing but re-export, and the only ones called `index.ts`. */
const ENTRY_POINTS = ['index.ts', 'testing/index.ts', 'metrics/index.ts'];

/**
 * Which rooms may import which packages: `values` anything, `types` only what disappears in the build.
 * A package without an entry here may be imported everywhere except in `subscription`.
 */
const PACKAGES = [
  {
    name: 'Nest',
    matches: (specifier) => specifier.startsWith('@nestjs/'),
    values: ['transport', 'health', 'nest'],
    types: LEAVES,
  },
  {
    name: 'ioredis',
    matches: (specifier) => isPackage(specifier, 'ioredis'),
    values: ['redis', 'testing'],
    types: ['index', 'nest', 'health', 'transport', 'metrics', ...LEAVES],
  },
  { name: 'prom-client', matches: (s) => isPackage(s, 'prom-client'), values: ['metrics'], types: [] },
  {
    name: 'jest',
    matches: (specifier) => isPackage(specifier, 'jest') || specifier.startsWith('@jest/'),
    values: [],
    types: [],
  },
];

const PURE = 'subscription';
/** Clocks, timers, randomness, and the ways around this list. */
const IMPURE_GLOBALS = new Set([
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['Math.random', 'crypto', 'process', 'global', 'globalThis', 'require'],
]);

const isPackage = (specifier, name) => specifier === name || specifier.startsWith(`${name}/`);
const layerOf = (room) => LAYERS.findIndex((rooms) => rooms.includes(room));

/** The room of a file, named by its path below `src`: `redis/link.ts` → `redis`, `errors.ts` → `errors`. */
export const roomOf = (path) => path.split('/')[0].replace(/\.ts$/, '');

/** What is wrong with one import of another file of `src`, or undefined. */
export function judgeRoom(from, to) {
  if (from === to) return undefined;
  if (APART.includes(from)) return `${from} stands apart: it imports nothing else of src, so not ${to}`;
  if (APART.includes(to)) return `${to} stands apart: nothing of src imports it, so not ${from}`;
  if (LEAVES.includes(to)) return undefined;
  if (LEAVES.includes(from)) return `${from} is a leaf: it imports no room, so not ${to}`;
  if (layerOf(from) < layerOf(to)) return undefined;
  return `${from} may not import ${to}: the direction is ${LAYERS.map((rooms) => rooms.join(', ')).join(' → ')}`;
}

/** What is wrong with one import of a package or of a part of Node, or undefined. */
export function judgePackage(room, { specifier, typeOnly }) {
  if (room === PURE) return `${room} is pure: it imports no package, so not '${specifier}'`;
  const rule = PACKAGES.find(({ matches }) => matches(specifier));
  if (!rule || rule.values.includes(room) || (typeOnly && rule.types.includes(room))) return undefined;
  return rule.types.includes(room)
    ? `${room} may import only types of ${rule.name}`
    : `${room} may not import ${rule.name} ('${specifier}')`;
}

/** What is wrong with a file apart from its imports. */
export function judgeFile(path, source) {
  const room = roomOf(path);
  const found = source.exportStars.map((line) => ({ line, text: '`export *`: name what is exported' }));
  if (layerOf(room) < 0 && !LEAVES.includes(room) && !APART.includes(room)) {
    found.push({
      line: 1,
      text: `'${room}' is no room of the house: give it a place in scripts/imports/rules.mjs`,
    });
  }
  if (!ENTRY_POINTS.includes(path) && (source.onlyReExports || /(^|\/)index\.[cm]?ts$/.test(path))) {
    found.push({ line: 1, text: 'a folder barrel: import the file that declares the name' });
  }
  if (room === PURE) {
    for (const { name, line } of source.globals) {
      if (IMPURE_GLOBALS.has(name) || IMPURE_GLOBALS.has(name.split('.')[0]))
        found.push({ line, text: `${room} is pure: it may not use ${name}` });
    }
  }
  return found;
}
