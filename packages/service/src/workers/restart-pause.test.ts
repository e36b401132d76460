import { expect, it } from 'vitest';
import { RestartPause } from './restart-pause.ts';

it('a dead worker is replaced at once, one that keeps dying after pauses that grow, up to ten seconds', () => {
  const pause = new RestartPause();
  const pauses = Array.from({ length: 10 }, () => pause.after(0));
  expect(pauses).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

it('after a worker that lived for a while, that begins again', () => {
  const pause = new RestartPause();
  expect([pause.after(0), pause.after(999), pause.after(1000), pause.after(0), pause.after(5000)]).toEqual([
    0, 100, 0, 100, 0,
  ]);
});
