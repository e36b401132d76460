import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GatheredLines, type Sink } from './gathered-lines.ts';

class TestSink implements Sink {
  readonly pieces: string[] = [];
  flushed = 0;

  write(bytes: Uint8Array): void {
    this.pieces.push(Buffer.from(bytes).toString('utf8'));
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

  it('no piece is longer than was said, counted in bytes, and a longer line is a piece of its own, in its place', () => {
    const sink = new TestSink();
    const lines = new GatheredLines(sink, 100);
    const written = ['a'.repeat(60), 'ä'.repeat(19), '€'.repeat(33), 'b'.repeat(250), 'c', '€'.repeat(34)];
    for (const line of written) lines.write(line);
    lines.flush();
    expect(sink.pieces).toEqual([`${written[0]}${written[1]}`, written[2], written[3], 'c', written[5]]);
  });

  it('a piece that was handed over does not change any more', () => {
    const kept: Uint8Array[] = [];
    const lines = new GatheredLines({ write: (bytes) => kept.push(bytes), flushSync: () => undefined }, 10);
    for (const line of ['first\n', 'second\n', 'third\n']) lines.write(line);
    lines.flush();
    expect(kept.map((bytes) => Buffer.from(bytes).toString('utf8'))).toEqual(['first\n', 'second\n', 'third\n']);
  });
});
