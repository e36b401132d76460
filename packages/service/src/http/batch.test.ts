import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Steps, Batch } from './batch.ts';

class TestRequest implements Steps {
  readonly #batch: Batch;
  readonly #name: string;
  readonly #done: string[];

  constructor(batch: Batch, name: string, done: string[]) {
    this.#batch = batch;
    this.#name = name;
    this.#done = done;
  }

  evaluate(): void {
    this.#done.push(`evaluate ${this.#name}`);
    this.#batch.answered(this);
  }

  shed(): void {
    this.#done.push(`shed ${this.#name}`);
    this.#batch.answered(this);
  }

  write(): void {
    this.#done.push(`write ${this.#name}`);
  }

  log(): void {
    this.#done.push(`log ${this.#name}`);
  }
}

describe('batch', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('takes the requests of one turn of the event loop through each step together', async () => {
    const batch = new Batch(250);
    const done: string[] = [];
    for (const name of ['a', 'b']) batch.arrived(new TestRequest(batch, name, done));
    expect(done).toEqual([]);
    await nextTurn();
    expect(done).toEqual(['evaluate a', 'evaluate b', 'write a', 'write b', 'log a', 'log b']);
  });

  it('an answer that comes later is written in the turn in which it comes', async () => {
    const batch = new Batch(250);
    const done: string[] = [];
    batch.answered(new TestRequest(batch, 'late', done));
    await nextTurn();
    expect(done).toEqual(['write late', 'log late']);
    batch.arrived(new TestRequest(batch, 'next', done));
    await nextTurn();
    expect(done).toHaveLength(5);
  });

  it('the first of very many requests has its answer before the last is evaluated', async () => {
    const batch = new Batch(250);
    const done: string[] = [];
    for (let i = 0; i < 1000; i++) batch.arrived(new TestRequest(batch, String(i), done));
    await nextTurn();
    expect(done.indexOf('write 0')).toBeLessThan(done.indexOf('evaluate 999'));
    expect(done).toHaveLength(3000);
  });

  it('H219 (R): a turn that takes too long sheds the rest, since others wait behind it unseen', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const batch = new Batch(250);
    const done: string[] = [];
    for (let i = 0; i < 100; i++) {
      const request = new TestRequest(batch, String(i), done);
      const evaluate = request.evaluate.bind(request);
      // 5 ms each: 32 of them together take 160 ms.
      request.evaluate = () => {
        vi.advanceTimersByTime(5);
        evaluate();
      };
      batch.arrived(request);
    }
    await nextTurn();
    expect(done.filter((step) => step.startsWith('evaluate'))).toHaveLength(64);
    expect(done.filter((step) => step.startsWith('shed'))).toHaveLength(36);
    expect(done.filter((step) => step.startsWith('write'))).toHaveLength(100);
  });
});
