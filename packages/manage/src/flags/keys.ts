import { keyHolderStatement, takenKeysStatement, type Work } from '@halyard/data/management';
import { ask, type CommandContext } from '../command.ts';
import { Refusal } from '../refusal.ts';
import { longestKey } from './flag-input.ts';
import { readFlag } from './read-flag.ts';
import { keyTaken, lockedFlag, writeFlag } from './write-flag.ts';

/** Makes sure that a key is free (M41): a deleted flag gives its own away, and keeps everything else (M42). @throws {Refusal} */
export function* freeKey(context: CommandContext, key: string, ownId: number | null): Work<void> {
  const id = yield* refuseTakenKey(context, key, ownId);
  if (id === null) return;
  const dead = yield* lockedFlag(context, id);
  yield* writeFlag(context, dead, { ...dead, key: givenAway(key, id) }, { note: 'A new flag took the key.' });
}

/**
 * The deleted flag that has a key and would give it away; `null`: nobody has it.
 *
 * @throws {Refusal} when a flag that is not deleted has it, or a dead one that an early access feature still needs
 */
export function* refuseTakenKey(context: CommandContext, key: string, ownId: number | null): Work<number | null> {
  const [holder] = yield* ask(keyHolderStatement(context.teamId, key));
  const id = Number(holder?.['id']);
  if (holder === undefined || id === ownId) return null;
  if (holder['deleted'] !== 'true') throw keyTaken();
  const dead = yield* readFlag(context, id);
  if (dead.features.length > 0) {
    const detail = 'A deleted flag with this key is still used by an early access feature. Delete the feature first.';
    throw Refusal.invalid('invalid_input', detail, 'key');
  }
  return id;
}

function givenAway(key: string, id: number): string {
  const suffix = `:deleted:${id}`;
  return key.slice(0, longestKey - suffix.length) + suffix;
}

/** The key that a flag had before it gave it away; `null`: it did not. */
export function formerKey(key: string, id: number): string | null {
  const suffix = `:deleted:${id}`;
  return key.endsWith(suffix) ? key.slice(0, -suffix.length) : null;
}

/** M51: the key itself, or with the first number behind it that nobody has. Deleted flags give theirs away only when they must. */
export function* nextFreeKey(teamId: number, key: string): Work<string> {
  const [holder] = yield* ask(keyHolderStatement(teamId, key));
  if (holder === undefined || holder['deleted'] === 'true') return key;
  for (let from = 2; ; from += 100) {
    const keys = Array.from({ length: 100 }, (_, i) => numbered(key, from + i));
    const rows = yield* ask(takenKeysStatement(teamId, keys));
    const taken = new Set(rows.map((row) => row['key']));
    const free = keys.find((candidate) => !taken.has(candidate));
    if (free !== undefined) return free;
  }
}

function numbered(key: string, number: number): string {
  const suffix = `-${number}`;
  return key.slice(0, longestKey - suffix.length) + suffix;
}
