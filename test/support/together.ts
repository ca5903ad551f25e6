import { beforeAll, it } from '@jest/globals';

/**
 * Tests that do not touch each other and mostly wait: they all begin at once, and each is reported for itself.
 *
 * @param tests title → test
 */
export function together(tests: Record<string, () => Promise<void>>): void {
  const running = new Map<string, Promise<void>>();

  beforeAll(() => {
    for (const [title, test] of Object.entries(tests)) {
      const run = test();
      run.catch(() => undefined); // told by its own `it`, however long that waits for its turn
      running.set(title, run);
    }
  });

  it.each(Object.keys(tests))('%s', (title) => running.get(title));
}
