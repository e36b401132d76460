import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './paths.mjs';

/**
 * Says of each promise of docs/failure-modes.md, as soon as its test has ended, whether it was kept. What a test prints
 * is shown only where it was not.
 */
class PromiseReporter {
  kept = 0;
  broken = 0;
  /** The first cell of each row of the table, by the test or the file that the last one names. */
  rows = new Map(
    readFileSync(join(root, 'docs', 'failure-modes.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map((cells) => [cells.at(-2)?.replaceAll('`', ''), cells[1]]),
  );

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    const result = test.result();
    const { state } = result;
    const what = this.rows.get(test.name) ?? this.rows.get(this.#file(test)) ?? this.#file(test);
    const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
    if (state === 'skipped') {
      // Without a reason it was not chosen.
      if (result.note !== undefined) console.log(`not tried  ${what}: ${test.name} (${result.note})`);
      return;
    }
    if (state === 'passed') this.kept++;
    else this.broken++;
    console.log(`${state === 'passed' ? 'kept      ' : 'BROKEN    '} ${what}: ${test.name} (${seconds} s)`);
    for (const error of result.errors ?? []) console.log(`           ${error.stack ?? error.message}`);
  }

  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { message: string }[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    for (const error of [...unhandled, ...modules.flatMap((module) => module.errors())]) {
      this.broken++;
      console.log(`BROKEN     outside of any test: ${error.message}`);
    }
    console.log(`${this.kept} promises kept, ${this.broken} broken`);
    if (this.kept + this.broken === 0) process.exitCode = 1;
  }

  /** @param {import('vitest/node').TestCase} test */
  #file(test) {
    const file = test.module.moduleId;
    return file.includes('/http/') ? `http/${basename(file)}` : basename(file);
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest takes a reporter file's default export
export default PromiseReporter;
