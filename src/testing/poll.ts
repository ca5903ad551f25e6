import { setTimeout as pause } from 'node:timers/promises';

/** How long and how often {@link poll} looks. */
export interface PollOptions {
  /** Milliseconds after which it gives up. @default 5000 */
  deadline?: number;
  /** Milliseconds between two looks. @default 10 */
  every?: number;
  /** What is waited for, in the words of the error. @default 'the condition' */
  what?: string;
}

type Falsy = false | 0 | '' | null | undefined;

/**
 * Looks at a condition until it gives something truthy, and resolves with that.
 * A condition that throws is one that does not hold yet.
 *
 * @throws Error when the deadline passes; its `cause` is what the condition threw last.
 */
export async function poll<T>(
  condition: () => T | Promise<T>,
  options: PollOptions = {},
): Promise<Exclude<T, Falsy>> {
  const { deadline = 5_000, every = 10, what = 'the condition' } = options;
  const end = performance.now() + deadline;
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, Falsy>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end)
      throw new Error(`${what} did not come true within ${deadline} ms`, { cause });
    await pause(every);
  }
}
