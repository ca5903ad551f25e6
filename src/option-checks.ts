import { RedisResilientOptionsError } from './errors.js';

/** The longest delay that a Node timer keeps; above it a timer fires at once. Milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

const TEXT_SHOWN = 60;

/** How a value looks in an error. Never used for what may carry a password. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, TEXT_SHOWN));
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) {
    return String(value);
  }
  return kind(value);
}

/** What a value is, without a word of what it holds. */
export function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws the error for one option: what it must be, what it is, what to write instead. */
export function refuse(option: string, must: string, is: string, remedy: string): never {
  throw new RedisResilientOptionsError(option, `Option "${option}" must be ${must}, but is ${is}. ${remedy}`);
}

/** A group of options. `undefined` stands for none given. */
export function group(option: string, value: unknown, example: string): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(option, 'an object', kind(value), `Write for example ${option}: ${example}.`);
  }
  return value as Record<string, unknown>;
}

/** A duration in milliseconds, more than zero unless `zero` says otherwise. */
export function duration(
  option: string,
  value: unknown,
  usual: number,
  limits: { zero?: boolean } = {},
): number {
  if (typeof value === 'number' && value <= LONGEST_TIMER && (limits.zero ? value >= 0 : value > 0))
    return value;
  return refuse(
    option,
    `a duration of ${limits.zero ? 'zero or more' : 'more than zero'} milliseconds (at most ${LONGEST_TIMER})`,
    shown(value),
    `Write a number of milliseconds, or leave it out for ${usual}.`,
  );
}

/** A group in which every option is a duration: `zero` names those that may be zero, `ascending` a pair in order. */
export function durations<K extends string>(
  path: string,
  value: unknown,
  defaults: Readonly<Record<K, number>>,
  rules: { zero?: readonly NoInfer<K>[]; ascending?: readonly [NoInfer<K>, NoInfer<K>] } = {},
): Readonly<Record<K, number>> {
  const names = Object.keys(defaults) as K[];
  const given = group(path, value, `{ ${names.map((name) => `${name}: ${defaults[name]}`).join(', ')} }`);
  knownOnly(path, given, names);
  const all = withDefaults(given, defaults);
  const checked = Object.fromEntries(
    names.map((name) => [
      name,
      duration(`${path}.${name}`, all[name], defaults[name], { zero: rules.zero?.includes(name) ?? false }),
    ]),
  ) as Record<K, number>;
  if (rules.ascending) refuseDescending(path, checked, ...rules.ascending);
  return Object.freeze(checked);
}

function refuseDescending<K extends string>(path: string, all: Record<K, number>, less: K, more: K): void {
  if (all[less] <= all[more]) return;
  refuse(
    `${path}.${less}`,
    `at most ${path}.${more} (${all[more]})`,
    String(all[less]),
    `Lower ${less} or raise ${more}; one of the two may be a default.`,
  );
}

/** What was given, else the default. Only `undefined` stands for "not given". */
export function withDefaults<K extends string>(
  given: Record<string, unknown>,
  defaults: Readonly<Record<K, unknown>>,
): Record<K, unknown> {
  const names = Object.keys(defaults) as K[];
  const all = names.map((name) => [name, given[name] === undefined ? defaults[name] : given[name]]);
  return Object.fromEntries(all) as Record<K, unknown>;
}

/** A duration in milliseconds, or `Infinity` for no limit. */
export function durationOrNone(option: string, value: unknown): number {
  if (value === Infinity) return value;
  if (typeof value === 'number' && value > 0 && value <= LONGEST_TIMER) return value;
  return refuse(
    option,
    `a duration of more than zero milliseconds (at most ${LONGEST_TIMER})`,
    shown(value),
    'Write a number of milliseconds, or leave it out for no limit.',
  );
}

/** A whole number of at least one, or `Infinity` for no limit. */
export function countOrNone(option: string, value: unknown): number {
  if (value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return value as number;
  return refuse(
    option,
    'a whole number of at least 1',
    shown(value),
    'Write such a number, or leave it out for no limit.',
  );
}

/** One of a few words. */
export function oneOf<T extends string>(option: string, value: unknown, words: readonly T[]): T {
  if (words.includes(value as T)) return value as T;
  const listed = words.map((word) => `'${word}'`).join(', ');
  return refuse(option, `one of ${listed}`, shown(value), `Write ${option}: '${words[0]}' or leave it out.`);
}

/** An object with a method of this name, or nothing. */
export function withMethod<T>(option: string, value: unknown, method: keyof T & string): T | undefined {
  if (value === undefined) return undefined;
  if (typeof (value as Record<string, unknown> | null)?.[method] === 'function') return value as T;
  return refuse(option, `an object with a method ${method}()`, kind(value), 'Leave it out for the default.');
}

/** `true` or `false`, nothing that merely looks like it. */
export function flag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  return refuse(option, 'true or false', shown(value), 'Leave it out for the default.');
}

/** A text that is not empty. */
export function text(option: string, value: unknown, remedy: string): string {
  if (typeof value === 'string' && value.length > 0) return value;
  return refuse(option, 'a text that is not empty', shown(value), remedy);
}

/** Refuses an option that does not exist and names the nearest one that does. */
export function knownOnly(path: string, given: Record<string, unknown>, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const option = path === '' ? key : `${path}.${key}`;
    const near = nearest(key, known);
    throw new RedisResilientOptionsError(
      option,
      `Option "${option.slice(0, TEXT_SHOWN)}" does not exist. ` +
        (near
          ? `Did you mean "${path === '' ? near : `${path}.${near}`}"?`
          : `There are: ${known.join(', ')}.`),
    );
  }
}

/** Options of the module, not of an instance: Nest needs them before any factory has run. */
const MODULE_OPTIONS = ['name', 'isGlobal', 'healthPath'];

/** Refuses what a factory gives too late. */
export function refuseModuleOptions(given: Record<string, unknown>): void {
  for (const option of MODULE_OPTIONS) {
    if (!(option in given)) continue;
    throw new RedisResilientOptionsError(
      option,
      `Option "${option}" belongs to the module and comes too late from a factory. ` +
        `Write it beside the factory: forRootAsync({ ${option}: ..., useFactory: ... }).`,
    );
  }
}

/** A value as `"1000" (a string)` where its type is what is wrong with it. */
function shown(value: unknown): string {
  return typeof value === 'string' ? `${show(value)} (a string)` : show(value);
}

/** The known name with the fewest edits, unless it takes more than half of the word. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, edits: distance(word.slice(0, TEXT_SHOWN).toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(word.length, best.name.length) / 2 ? best.name : undefined;
}

/** Edits (insert, delete, replace) between two words. */
function distance(a: string, b: string): number {
  let above = Array.from(b).reduce((row, _, j) => [...row, j + 1], [0]);
  Array.from(a).forEach((letter, i) => {
    let left = i + 1;
    above = above.map((over, j) => {
      if (j === 0) return left;
      const diagonal = (above[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      left = Math.min(diagonal, over + 1, left + 1);
      return left;
    });
  });
  return above[b.length] ?? 0;
}
