import { afterEach, expect, it, vi } from 'vitest';
import { listenForChanges } from './change-notices.ts';

afterEach(() => vi.restoreAllMocks());

it('D118: listening is tried again after pauses that double, while nobody is there', async () => {
  const pauses: number[] = [];
  const wait = setTimeout;
  // Everything of the listener's is waited for without waiting; the driver's own time-out is as long as the longest pause.
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((done: () => void, ms = 0) => {
    if (ms < 100 || ms >= 5_000) return wait(done, ms);
    pauses.push(ms);
    return wait(done, 0);
  });
  let told = 0;
  const notices = await new Promise<ReturnType<typeof listenForChanges>>((resolve) => {
    const listening = listenForChanges({
      url: 'postgres://nobody@127.0.0.1:1/nothing',
      onChange: () => undefined,
      onError: () => (told += 1) === 6 && resolve(listening),
    });
  });
  await notices.close();
  expect(pauses.slice(0, 5)).toEqual([100, 200, 400, 800, 1_600]);
});
