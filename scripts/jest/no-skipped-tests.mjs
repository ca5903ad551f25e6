/**
 * Jest reporter that fails the run when a test was left out by `skip`, `todo` or `only`. A filter given on
 * the command line (`-t`) is the reader's own choice and passes.
 */
export default class NoSkippedTests {
  #filtered;
  #leftOut = [];

  constructor(globalConfig) {
    this.#filtered = Boolean(globalConfig.testNamePattern);
  }

  onTestResult(test, result) {
    for (const { status, fullName } of result.testResults) {
      if (status !== 'passed' && status !== 'failed') {
        this.#leftOut.push(`${test.path}: ${fullName} (${status})`);
      }
    }
  }

  onRunComplete() {
    const error = this.getLastError();
    if (error) process.stderr.write(`\n${error.message}\n`);
  }

  getLastError() {
    if (this.#filtered || this.#leftOut.length === 0) return undefined;
    return new Error(`Every test runs; repair or remove what was left out:\n  ${this.#leftOut.join('\n  ')}`);
  }
}
