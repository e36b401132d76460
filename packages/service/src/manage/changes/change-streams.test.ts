import type { Transactions } from '@halyard/manage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeStreams } from './change-streams.ts';

/** A client, of which the test says what it reads. */
class Client {
  writableLength = 0;
  text = '';
  state: 'open' | 'ended' | 'cut' = 'open';
  #closed: () => void = () => undefined;

  write(text: string): boolean {
    this.text += text;
    return true;
  }
  end(): void {
    this.#close('ended');
  }
  destroy(): void {
    this.#close('cut');
  }
  on(_event: 'close', hear: () => void): void {
    this.#closed = hear;
  }
  #close(state: 'ended' | 'cut'): void {
    this.state = state;
    this.#closed();
  }
}

describe('streams of changes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const listeners = new Set<unknown>();
  const streams = () =>
    new ChangeStreams({
      database: { read: () => Promise.resolve(new Map()) } as unknown as Transactions,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    });
  const opened = async (all: ChangeStreams) => {
    const client = new Client();
    (await all.open(1, 1))(client);
    return client;
  };

  it('M184: a heartbeat keeps them open; a client that does not read is cut, and one that stays has to come again', async () => {
    const all = streams();
    const [reader, sleeper] = [await opened(all), await opened(all)];
    await vi.advanceTimersByTimeAsync(15_000);
    expect(reader.text).toMatch(/^retry: 2000\nevent: open\nid: 0\ndata: {}\n\n:\n\n$/);
    sleeper.writableLength = 1024 * 1024;
    await vi.advanceTimersByTimeAsync(15_000);
    expect([reader.state, sleeper.state]).toEqual(['open', 'cut']);
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    expect(reader.state).toBe('ended');
    // Nobody listens: nothing looks any more.
    expect(listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    const again = await opened(all);
    all.close();
    expect(again.state).toBe('ended');
    expect(all.hasRoom(1)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
