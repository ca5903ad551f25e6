/** What is to be undone in the end, the last first. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** Undoes everything; what fails keeps nothing else from being undone. */
  async run(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) {
      try {
        await step();
      } catch {
        // It was not there to begin with, or it is gone already: its own failure has been reported where it happened.
      }
    }
  }
}
