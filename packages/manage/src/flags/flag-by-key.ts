import { flagsByIdStatement, keyHolderStatement, type Work } from '@halyard/data/management';
import { ask, type CommandContext } from '../command.ts';
import { type Flag, flagFromRow } from './flag.ts';

/** The flag with this key that is not deleted; `null`: there is none. */
export function* flagByKey({ teamId }: CommandContext, key: string): Work<Flag | null> {
  const [holder] = yield* ask(keyHolderStatement(teamId, key));
  if (holder === undefined || holder['deleted'] === 'true') return null;
  const [row] = yield* ask(flagsByIdStatement(teamId, [Number(holder['id'])]));
  return row === undefined ? null : flagFromRow(row);
}
