import { keyHolderStatement, type Work } from '@halyard/data/management';
import { ask, type CommandContext } from '../command.ts';
import { flagId } from '../filters/walk.ts';
import { Refusal } from '../refusal.ts';

/**
 * The flag that a path names, by its id or by its key (M3). Digits are an id.
 *
 * @throws {Refusal} 404
 */
export function* findFlagId({ teamId }: CommandContext, named: string): Work<number> {
  const id = flagId(named);
  if (id !== null) return id;
  if (named.includes('\0') || /^\d+$/.test(named)) throw Refusal.notFound();
  const [holder] = yield* ask(keyHolderStatement(teamId, named));
  if (holder === undefined || holder['deleted'] === 'true') throw Refusal.notFound();
  return Number(holder['id']);
}
