import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

function* pieces(name: string, count: number, done: string[]): Generator<void, string, void> {
  for (let i = 1; i <= count; i++) {
    done.push(`${name}${i}`);
    if (i < count) yield;
  }
  return name;
}

describe('turns', () => {
  it('a turn of the event loop takes one piece, however much work is cut up', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const all = Promise.all(['a', 'b', 'c'].map(async (name) => turns.through(pieces(name, 3, done))));
    const perTurn: number[] = [];
    for (let before = done.length; done.length < 9; before = done.length) {
      await nextTurn();
      perTurn.push(done.length - before);
    }
    expect(Math.max(...perTurn)).toBe(1);
    expect(done.slice(0, 5)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2']);
    expect(await all).toEqual(['a', 'b', 'c']);
  });

  it('work of one piece is done at once', () => {
    expect(new Turns().through(pieces('a', 1, []))).toBe('a');
  });

  it('what the work throws rejects it, and nothing else', async () => {
    const turns = new Turns();
    function* broken(): Generator<void, never, void> {
      yield;
      throw new Error('broken');
    }
    const other = turns.through(pieces('b', 4, []));
    await expect(turns.through(broken())).rejects.toThrow('broken');
    expect(await other).toBe('b');
  });
});
