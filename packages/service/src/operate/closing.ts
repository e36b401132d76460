import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from './settings/table.ts';

/** Something that was opened and has to be closed. */
export interface Opened {
  /** For the log: "the database connections". */
  readonly name: string;
  /** @param leftMs what it may take at most; it may take less */
  close(leftMs: number): Promise<void>;
}

/** What one step may take of the time that is left, so that those behind it have some, too. */
const SHARE_OF_A_STEP = 0.8;

/**
 * Closes what was opened, the last one first, each when the one before is done or has used up its share of the time. Whatever hangs, this
 * ends before `endsAt` (on the clock of `performance.now()`).
 *
 * @returns the names of those that were not done in time. Rejects with the first failure, when all have had their chance.
 */
export async function closeAll(opened: Opened[], endsAt: number): Promise<readonly string[]> {
  const late: string[] = [];
  const failures: unknown[] = [];
  for (const one of opened.splice(0).reverse()) {
    const leftMs = Math.max(0, endsAt - performance.now()) * SHARE_OF_A_STEP;
    try {
      if (!(await isDoneWithin(one.close(leftMs), leftMs))) late.push(one.name);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return late;
}

/**
 * The end of a whole service: for a while it only says that it is not ready, for load balancers that look seldom (H215); then it closes.
 *
 * @param close what has to be done until `endsAt` (on the clock of `performance.now()`)
 */
export async function drainAndClose(
  { drainMs, shutdownMs }: Settings,
  drain: () => void,
  close: (endsAt: number) => Promise<void>,
): Promise<void> {
  const endsAt = performance.now() + shutdownMs;
  drain();
  if (drainMs > 0) await sleep(drainMs);
  await close(endsAt);
}

async function isDoneWithin(done: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
