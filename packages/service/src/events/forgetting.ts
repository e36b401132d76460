import { type Repeating, startRepeating } from '../manage/repeating.ts';
import type { PeopleStore } from 'halyard/host';

const EVERY_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

/** Begins to forget uuids of events that nobody sends again (I151): the first time ten minutes from now. */
export function forgetting(
  store: Pick<PeopleStore, 'forgetEvents'>,
  hours: number,
  clock: () => number,
  onError: (error: unknown) => void,
): Repeating {
  return startRepeating(async () => void (await store.forgetEvents(clock() - hours * HOUR_MS)), EVERY_MS, onError);
}
