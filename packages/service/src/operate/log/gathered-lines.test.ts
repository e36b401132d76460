import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GatheredLines, type Sink } from './gathered-lines.ts';

class TestSink implements Sink {
  readonly pieces: string[] = [];
  flushed = 0;

  write(text: string): void {
    this.pieces.push(text);
  }

  flushSync(): void {
    this.flushed++;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('gathered lines', () => {
  it('a few lines are written together, soon', () => {
    const sink = new TestSink();
    const lines = new GatheredLines(sink);
    lines.write('a\n');
    lines.write('b\n');
    expect(sink.pieces).toEqual([]);
    vi.advanceTimersByTime(250);
    expect(sink.pieces).toEqual(['a\nb\n']);
    vi.advanceTimersByTime(10_000);
    expect(sink.pieces).toHaveLength(1);
  });

  it('many lines are written at once, without a timer left behind', () => {
    const sink = new TestSink();
    const lines = new GatheredLines(sink);
    for (let i = 0; i < 100; i++) lines.write(`${'x'.repeat(1000)}\n`);
    expect(sink.pieces.length).toBeGreaterThan(1);
    expect(sink.pieces.length).toBeLessThan(10);
    lines.flush();
    expect(vi.getTimerCount()).toBe(0);
    expect(sink.pieces.join('')).toHaveLength(100_100);
    expect(sink.flushed).toBe(1);
  });
});
