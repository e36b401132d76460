import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Steps, Batch } from './batch.ts';

class TestRequest implements Steps {
  readonly arrivedAt = performance.now();
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
    const batch = new Batch({ patienceMs: 500 });
    const done: string[] = [];
    for (const name of ['a', 'b']) batch.arrived(new TestRequest(batch, name, done));
    expect(done).toEqual([]);
    await nextTurn();
    expect(done).toEqual(['evaluate a', 'evaluate b', 'write a', 'write b', 'log a', 'log b']);
  });

  it('an answer that comes later is written in the turn in which it comes', async () => {
    const batch = new Batch({ patienceMs: 500 });
    const done: string[] = [];
    batch.answered(new TestRequest(batch, 'late', done));
    await nextTurn();
    expect(done).toEqual(['write late', 'log late']);
    batch.arrived(new TestRequest(batch, 'next', done));
    await nextTurn();
    expect(done).toHaveLength(5);
  });

  it('the first of very many requests has its answer before the last is evaluated', async () => {
    const batch = new Batch({ patienceMs: 60_000 });
    const done: string[] = [];
    for (let i = 0; i < 1000; i++) batch.arrived(new TestRequest(batch, String(i), done));
    while (done.length < 3000) await nextTurn();
    expect(done.indexOf('write 0')).toBeLessThan(done.indexOf('evaluate 999'));
    expect(done).toHaveLength(3000);
  });

  /** A request that takes some milliseconds of the test's clock. */
  function slow(batch: Batch, name: string, done: string[], ms: number): TestRequest {
    const request = new TestRequest(batch, name, done);
    const evaluate = request.evaluate.bind(request);
    request.evaluate = () => {
      vi.advanceTimersByTime(ms);
      evaluate();
    };
    return request;
  }

  it('H219 (R): a turn evaluates for some milliseconds only; who has waited too long is shed, and so is who comes behind', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const batch = new Batch({ patienceMs: 500 });
    const done: string[] = [];
    const count = (what: string): number => done.filter((step) => step.startsWith(what)).length;
    for (let i = 0; i < 200; i++) batch.arrived(slow(batch, String(i), done, 5));
    await nextTurn();
    expect(count('evaluate')).toBe(5);
    expect(count('write')).toBe(5);
    while (count('evaluate') < 80) await nextTurn();
    expect(count('shed')).toBe(0);
    // 400 ms: the first in line has waited for more than three quarters of what is allowed.
    batch.arrived(slow(batch, 'late', done, 5));
    expect(done.at(-1)).toBe('shed late');
    while (count('write') < 201) await nextTurn();
    expect(count('evaluate')).toBe(95);
    expect(count('shed')).toBe(106);
  });

  describe('while connections come', () => {
    /** A batch, and a turn of the event loop that takes half a millisecond, or longer, and brings a connection or none. */
    function taking() {
      vi.useFakeTimers({ toFake: ['performance'] });
      const done: string[] = [];
      const closing: boolean[] = [];
      let connections = 0;
      const batch = new Batch({
        patienceMs: 500,
        connections: () => connections,
        onClosing: (isClosing) => closing.push(isClosing),
      });
      const turn = async (isNew: boolean, ms = 0.5): Promise<void> => {
        if (isNew) connections++;
        vi.advanceTimersByTime(ms);
        batch.arrived(new TestRequest(batch, String(connections), done));
        await nextTurn();
      };
      const connect = (count: number): void => void (connections += count);
      const ask = (count: number): void => {
        for (let i = 0; i < count; i++) batch.arrived(slow(batch, String(i), done, 5));
      };
      /** A request that waits for nobody. */
      const probe = (): Promise<void> => {
        batch.answered(new TestRequest(batch, 'probe', done));
        return nextTurn();
      };
      return { ask, done, closing, connect, probe, turn };
    }

    it('evaluation waits for them, for some milliseconds', async () => {
      const { done, turn } = taking();
      const evaluated = (): number => done.filter((step) => step.startsWith('evaluate')).length;
      for (let i = 0; i < 7; i++) await turn(true);
      expect(done).toEqual([]);
      await turn(true);
      expect(evaluated()).toBe(8);
      await turn(true);
      expect(evaluated()).toBe(8);
      await turn(false);
      expect(evaluated()).toBe(10);
    });

    it('H219 (R): when turns are long for another reason, evaluation waits longer, until they have been taken', async () => {
      const { done, turn } = taking();
      const evaluated = (): number => done.filter((step) => step.startsWith('evaluate')).length;
      for (let i = 0; i < 5; i++) await turn(true, 10);
      for (let i = 0; i < 80; i++) await turn(true);
      expect(evaluated()).toBe(0);
      for (let i = 0; i < 20; i++) await turn(true);
      expect(evaluated()).toBeGreaterThan(80);
    });

    it('H219 (R): evaluation waits for no more than a quarter of what requests may wait', async () => {
      const { done, turn } = taking();
      for (let i = 0; i < 13; i++) await turn(true, 10);
      expect(done).toEqual([]);
      await turn(true, 10);
      expect(done).toContain('evaluate 1');
    });

    it('H219 (R): when there is no end of them, some are closed at once, more each time, until there are no more', async () => {
      const { closing, turn } = taking();
      for (let i = 0; i < 990; i++) await turn(true);
      expect(closing).toEqual([]);
      for (let i = 0; i < 100; i++) await turn(true);
      expect(closing.slice(0, 4)).toEqual([true, false, true, false]);
      await turn(false);
      expect(closing.at(-1)).toBe(false);
      const before = closing.length;
      for (let i = 0; i < 990; i++) await turn(true);
      expect(closing).toHaveLength(before);
    });

    it.each([
      [2_000, [true, false]],
      [1_000, []],
    ])(
      'H219 (R): after %d new ones, more are closed while the first in line has waited too long: %j',
      async (count, closings) => {
        const { ask, closing, connect, done } = taking();
        connect(count);
        ask(50);
        while (done.filter((step) => step.startsWith('log')).length < 50) await nextTurn();
        await nextTurn();
        expect(closing).toEqual(closings);
      },
    );

    it('H219 (R): who closes them sees that there are no more, also when nobody asks anything', async () => {
      const { closing, connect, probe } = taking();
      for (let i = 0; i < 12; i++) {
        connect(100);
        vi.advanceTimersByTime(50);
        await probe();
        for (let turn = 0; turn < 3; turn++) await nextTurn();
      }
      // Each time there were turns without any, which end a flood.
      expect(closing).toEqual([]);
      for (let i = 0; i < 2_000 && closing.length === 0; i++) {
        connect(1);
        vi.advanceTimersByTime(1);
        if (i === 0) void probe();
        await nextTurn();
      }
      expect(closing).toEqual([true]);
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(closing).toEqual([true, false]);
    });
  });
});
