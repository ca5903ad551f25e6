/** The Node that runs the matrix itself. */
export const AT_HAND = 'at hand';

/** One combination, of all that there are, in which the package is tried. */
export interface Lane {
  /** As it is named on the command line and in the table. */
  readonly name: string;
  /** What of the package is tried. */
  readonly what: string;
  readonly node: string;
  readonly nest: string;
  readonly ioredis: string;
  /** What is subscribed to. */
  readonly server: string;
  /** Whether it is short enough for `npm test`. */
  readonly quick: boolean;
  /** @throws Error with everything that was printed when something does not hold. */
  run(): Promise<void>;
}
