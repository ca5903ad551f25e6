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
      if (status !== 'passed' && status !== 'failed') this.#leftOut.push(`${test.path}: ${fullName} (${status})`);
    }
    if (result.skipped) this.#leftOut.push(`${test.path}: the whole file`);
  }

  getLastError() {
    if (this.#filtered || this.#leftOut.length === 0) return undefined;
    return new Error(`Tests may not be skipped; run or remove:\n  ${this.#leftOut.join('\n  ')}`);
  }
}
