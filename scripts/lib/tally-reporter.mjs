import { writeFileSync } from 'node:fs';

/**
 * Counts a test run into the file that HALYARD_TALLY names, beside the reporter that people read.
 */
class TallyReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandled errors outside any test: a stray rejection, a crashed worker
   */
  onTestRunEnd(modules, unhandled) {
    const tally = emptyTally();
    tally.failed += unhandled.length;
    for (const module of modules) {
      // A file that cannot be loaded, or a failing hook, leaves tests unrun without failing one of them.
      tally.failed += module.errors().length;
      for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
      for (const test of module.children.allTests()) count(test, tally);
    }
    const file = process.env['HALYARD_TALLY'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(tally));
  }
}

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {{ test: string, reason: string }[]} skipped
 * @property {{ test: string, reason: string }[]} repeated tests that failed, were run again and passed; why they failed first
 */

/** @returns {Tally} */
export function emptyTally() {
  return { passed: 0, failed: 0, skipped: [], repeated: [] };
}

/**
 * @param {import('vitest/node').TestCase} test
 * @param {Tally} tally
 */
function count(test, tally) {
  const result = test.result();
  if (result.state === 'passed') {
    tally.passed++;
    if (test.diagnostic()?.flaky === true) {
      tally.repeated.push({ test: test.fullName, reason: result.errors?.[0]?.message ?? 'no message' });
    }
  } else if (result.state === 'failed') tally.failed++;
  else if (result.state === 'skipped') {
    tally.skipped.push({ test: test.fullName, reason: result.note ?? 'no reason given' });
  } else {
    // Pending at the end of the run: its worker is gone.
    tally.failed++;
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest takes a reporter file's default export
export default TallyReporter;
