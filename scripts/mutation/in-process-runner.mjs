// oxlint-disable-next-line no-restricted-imports -- Stryker reads this file, after everything is installed
import { configureGlobal } from 'fast-check';
// oxlint-disable-next-line no-restricted-imports -- Stryker reads this file, after everything is installed
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { Harness } from './harness.mjs';

/**
 * Runs the judging tests for Stryker inside one process. All tests and the code under them are bundled once; each mutant runs the bundle
 * anew, so that what happens when a module is read is tested too. A run of vitest per mutant takes more than ten times as long.
 *
 * @typedef {object} Space what mutated code reads and writes
 * @property {string | undefined} [activeMutant]
 * @property {string | undefined} [currentTestId]
 * @property {number | undefined} [hitCount]
 * @property {number | undefined} [hitLimit]
 * @property {Coverage} [mutantCoverage]
 *
 * @typedef {(require: (name: string) => unknown, within: (file: string | null) => void) => void} Load
 *
 * @typedef {{ perTest: Record<string, Record<string, number>> }} Coverage by test and mutant, how often it was reached
 */
class InProcessRunner {
  static inject = ['options'];
  /** @type {Space} */
  #space;
  #judges;
  /** @type {Load} */
  #load = () => undefined;
  /** @type {Map<string, number>} milliseconds of each test without a mutant */
  #durations = new Map();
  #mutants = 0;
  /** @type {Map<string, number>} the number of the last mutant that each test noticed */
  #noticed = new Map();

  /** @param {{ halyard: { judges: string[] } }} options */
  constructor(options) {
    this.#judges = options.halyard.judges;
    // Where mutated code looks for the mutant that is on, and says what it reaches.
    const everything = /** @type {{ __stryker__?: Space }} */ (globalThis);
    everything.__stryker__ ??= {};
    this.#space = everything.__stryker__;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // A mutant is noticed by the first input that fails; looking for a smaller one takes many times as long.
    configureGlobal({ seed: 1, endOnFailure: true });
    const top = process.cwd();
    const source = (/** @type {string[]} */ ...path) => resolve(top, 'packages', ...path);
    const { outputFiles } = await build({
      stdin: { contents: this.#judges.map((file) => `import './${file}';`).join('\n'), resolveDir: top },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      conditions: ['halyard-source'],
      external: ['vitest', 'fast-check'],
      plugins: [judgesIn(top, this.#judges)],
      // The node_modules of the copy lead back to the sources it was made from.
      alias: {
        '@halyard/engine/bucketing': source('engine', 'src', 'bucketing', 'index.ts'),
        '@halyard/engine': source('engine', 'src', 'index.ts'),
        '@halyard/data': source('data', 'src', 'index.ts'),
        'halyard/host': resolve(top, 'scripts', 'mutation', 'host.ts'),
        '@halyard/service': resolve(top, 'scripts', 'mutation', 'host.ts'),
      },
      logLevel: 'error',
    });
    const text = outputFiles[0]?.text ?? '';
    const script = new Script(`(function (require, within) { ${text}\n})`, { filename: 'judges.js' });
    this.#load = /** @type {Load} */ (script.runInThisContext());
  }

  async dryRun() {
    const tests = [];
    const collected = this.#collect();
    for (const test of collected) {
      this.#space.currentTestId = test.id;
      const start = performance.now();
      const failureMessage = await failureOf(test);
      const duration = performance.now() - start;
      this.#durations.set(test.id, duration);
      const status = failureMessage === null ? 0 : 1;
      const timeSpentMs = Math.round(duration);
      tests.push({ id: test.id, name: test.id, timeSpentMs, status, ...(status === 1 ? { failureMessage } : {}) });
    }
    this.#space.currentTestId = undefined;
    return { status: 'complete', tests, mutantCoverage: withReading(collected, this.#space.mutantCoverage) };
  }

  /** @param {{ activeMutant: { id: string }, testFilter?: string[], hitLimit?: number }} options */
  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    this.#space.activeMutant = activeMutant.id;
    this.#space.hitCount = hitLimit === undefined ? undefined : 0;
    this.#space.hitLimit = hitLimit;
    let ran = 0;
    try {
      const wanted = testFilter === undefined ? null : new Set(testFilter);
      for (const test of this.#likeliestFirst(this.#collect())) {
        if (wanted !== null && !wanted.has(test.id)) continue;
        ran++;
        const failureMessage = await failureOf(test);
        if (hitLimit !== undefined && (this.#space.hitCount ?? 0) > hitLimit)
          return { status: 'timeout', reason: 'an endless loop' };
        if (failureMessage === null) continue;
        this.#noticed.set(test.id, ++this.#mutants);
        return { status: 'killed', killedBy: [test.id], failureMessage, nrOfTests: ran };
      }
      return { status: 'survived', nrOfTests: ran };
    } catch (error) {
      // Code that cannot even be read: whatever imports it fails.
      return { status: 'killed', killedBy: [], failureMessage: String(error), nrOfTests: ran };
    } finally {
      this.#space.activeMutant = undefined;
    }
  }

  /**
   * Neighbouring mutants are mostly noticed by the same test; else quick tests come before slow ones.
   *
   * @param {import('./harness.mjs').Test[]} tests
   */
  #likeliestFirst(tests) {
    const last = (/** @type {string} */ id) => this.#noticed.get(id) ?? -1;
    const duration = (/** @type {string} */ id) => this.#durations.get(id) ?? 0;
    return tests.sort((a, b) => last(b.id) - last(a.id) || duration(a.id) - duration(b.id));
  }

  #collect() {
    const harness = new Harness();
    const { vitest } = harness;
    const own = createRequire(join(process.cwd(), 'scripts', 'mutation', 'harness.mjs'));
    const give = (/** @type {string} */ name) => (name === 'vitest' ? vitest : /** @type {unknown} */ (own(name)));
    this.#load(give, (file) => {
      harness.file = file ?? '';
      this.#space.currentTestId = file === null ? undefined : readingOf(file);
    });
    return harness.tests;
  }
}

/**
 * Files that judge say when they are read, so that what happens then counts for their tests alone. A bundle has one `import.meta`; those
 * that look for files beside them need their own.
 *
 * @param {string} top
 * @param {readonly string[]} judges
 * @returns {import('esbuild').Plugin}
 */
function judgesIn(top, judges) {
  const files = new Set(judges.map((file) => join(top, file)));
  return {
    name: 'judges',
    setup(building) {
      building.onLoad({ filter: /\/(conformance\/src|scripts|packages\/(engine|data)\/src)\/.*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
        const contents = files.has(path) ? `within(${JSON.stringify(path)});\n${text}\nwithin(null);` : text;
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** @param {string} file */
function readingOf(file) {
  return `reading ${file}`;
}

/**
 * What is reached while a file is read, such as definitions that its tests share, each of its tests reaches.
 *
 * @param {readonly import('./harness.mjs').Test[]} tests
 * @param {Coverage | undefined} coverage
 */
function withReading(tests, coverage) {
  if (coverage === undefined) return coverage;
  const reached = tests.map(({ id, file }) => {
    const own = { ...coverage.perTest[id] };
    const shared = coverage.perTest[readingOf(file)] ?? {};
    for (const [mutant, hits] of Object.entries(shared)) own[mutant] = (own[mutant] ?? 0) + hits;
    return /** @type {const} */ ([id, own]);
  });
  return { ...coverage, perTest: Object.fromEntries(reached) };
}

/** @param {import('./harness.mjs').Test} test */
async function failureOf(test) {
  try {
    await test.run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 500) : String(error);
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }];
