import { pause } from '../embedded/postmaster.ts';

/** Waits until something holds; gives up after half a minute, so that the expectation that follows tells what is wrong. */
export async function waitUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const until = performance.now() + 30_000; performance.now() < until && !(await holds()); await pause(5));
}
