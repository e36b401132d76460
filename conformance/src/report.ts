/** What became of one vector. */
export type Verdict =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly expected: string; readonly got: string }
  | { readonly outcome: 'skipped'; readonly reason: string };

export const PASSED: Verdict = { outcome: 'passed' };

export function verdict(passed: boolean, expected: string, got: string): Verdict {
  return passed ? PASSED : { outcome: 'failed', expected, got };
}

/** Counts verdicts and prints a line per file and per mismatch. */
export class Report {
  passed = 0;
  failed = 0;
  skipped = 0;
  readonly #print: (line: string) => void;
  #inFile = { passed: 0, failed: 0, skipped: new Map<string, number>() };

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  add(id: string, result: Verdict): void {
    if (result.outcome === 'passed') {
      this.passed++;
      this.#inFile.passed++;
    } else if (result.outcome === 'failed') {
      this.failed++;
      this.#inFile.failed++;
      this.#print(`  FAILED ${id}: expected ${result.expected}, got ${result.got}`);
    } else {
      this.skipped++;
      this.#inFile.skipped.set(result.reason, (this.#inFile.skipped.get(result.reason) ?? 0) + 1);
    }
  }

  /** Prints the line of the file whose vectors were added since the last call. */
  endFile(name: string): void {
    const { passed, failed, skipped } = this.#inFile;
    const left = [...skipped].map(([reason, count]) => `, ${count} skipped (${reason})`).join('');
    this.#print(`${name}: ${passed} passed, ${failed} failed${left}`);
    this.#inFile = { passed: 0, failed: 0, skipped: new Map() };
  }

  /** The closing line: `N passed, M failed`, with what was skipped when anything was. */
  summary(): string {
    return `${this.passed} passed, ${this.failed} failed${this.skipped > 0 ? `, ${this.skipped} skipped` : ''}`;
  }
}
