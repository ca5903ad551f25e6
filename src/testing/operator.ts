import { randomBytes } from 'node:crypto';

/**
 * The user as whom the servers speak to each other and this package speaks to them, so that a test may do to
 * `default` and to every other user what it likes.
 */
export interface Operator {
  /** Always `operator`. */
  username: string;
  /** Made anew for each topology. */
  password: string;
}

/** An operator with a password of its own. */
export function newOperator(): Operator {
  return { username: 'operator', password: randomBytes(16).toString('hex') };
}
