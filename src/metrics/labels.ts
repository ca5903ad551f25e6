import type { InstanceRef } from '../channels.js';

/** The label of an instance: a name from the code, never the random id, so that restarts make no new series. */
export function nameOf({ name }: InstanceRef): string {
  return name ?? 'default';
}

const OTHERS = '(others)';

/** Lets the first so many values through as labels, and gives all further ones one label together. */
export class BoundedLabel {
  readonly #known = new Set<string>();

  constructor(private readonly most: number) {}

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.most) return OTHERS;
    this.#known.add(value);
    return value;
  }
}
