// oxlint-disable-next-line no-restricted-imports -- Stryker reads this file, after everything is installed
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
// oxlint-disable-next-line no-restricted-imports -- Stryker reads this file, after everything is installed
import * as chai from 'chai';
import { format } from 'node:util';

/**
 * The little of vitest that the judging tests use, without a process or a module graph per run: tests are collected and run one after
 * the other where they stand.
 *
 * @typedef {{ id: string, file: string, run: () => Promise<void> }} Test
 * @typedef {(...values: unknown[]) => unknown} Body
 * @typedef {(name: string, first: Body | object, second?: Body) => void} Declare options may stand before the body
 */
for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

export class Harness {
  /** @type {Test[]} */
  tests = [];
  /** The file that is being read. */
  file = '';
  /** @type {string[]} */
  #names = [];
  /** @type {(() => unknown)[]} */
  #before = [];
  /** @type {Map<string, number>} */
  #uses = new Map();

  /** What a test file imports from `vitest`. */
  get vitest() {
    const expect = Object.assign(
      (/** @type {unknown} */ value, /** @type {string} */ message) => chai.expect(value, message),
      {
        // `expect.any` and its kin, which the plugin adds to chai's own.
        ...chai.expect,
        unreachable: (/** @type {string} */ message) => chai.assert.fail(message),
      },
    );
    const it = Object.assign(this.#it, { each: each(this.#it) });
    const describe = Object.assign(this.#describe, { each: each(this.#describe) });
    // Before each: what is reached while all tests of a group are made ready has to count for each of them.
    return { describe, it, test: it, expect, beforeEach: this.#beforeEach, beforeAll: this.#beforeEach };
  }

  #describe = (
    /** @type {string} */ name,
    /** @type {Body | object} */ first,
    /** @type {Body | undefined} */ second,
  ) => {
    const body = bodyOf(first, second);
    const before = this.#before;
    this.#before = [...before];
    this.#names.push(name);
    body();
    this.#names.pop();
    this.#before = before;
  };

  #it = (/** @type {string} */ name, /** @type {Body | object} */ first, /** @type {Body | undefined} */ second) => {
    const body = bodyOf(first, second);
    const before = this.#before;
    const full = [...this.#names, name].join(' > ');
    const uses = (this.#uses.get(full) ?? 0) + 1;
    this.#uses.set(full, uses);
    this.tests.push({
      id: uses === 1 ? full : `${full} (${uses})`,
      file: this.file,
      run: async () => {
        for (const prepare of before) await prepare();
        await body();
      },
    });
  };

  #beforeEach = (/** @type {() => unknown} */ prepare) => {
    this.#before.push(prepare);
  };
}

/** @param {Declare} declare */
function each(declare) {
  return (/** @type {readonly unknown[]} */ rows) =>
    (/** @type {string} */ name, /** @type {Body | object} */ first, /** @type {Body | undefined} */ second) => {
      const body = bodyOf(first, second);
      for (const row of rows) {
        const values = /** @type {readonly unknown[]} */ (Array.isArray(row) ? row : [row]);
        declare(format(name, ...values).slice(0, 200), () => body(...values));
      }
    };
}

/**
 * @param {Body | object} first
 * @param {Body | undefined} second
 */
function bodyOf(first, second) {
  const body = typeof first === 'function' ? /** @type {Body} */ (first) : second;
  if (body === undefined) throw new Error('a test without a body');
  return body;
}
