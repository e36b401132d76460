import { flagsByIdStatement, type Work } from '@halyard/data/management';
import { ask, type CommandContext } from '../command.ts';
import { Refusal } from '../refusal.ts';
import { type Flag, flagFromRow } from './flag.ts';

/** One flag of the project, also a deleted one (M34). @throws {Refusal} 404 (M4) */
export function* readFlag({ teamId }: CommandContext, id: number): Work<Flag> {
  const [row] = yield* ask(flagsByIdStatement(teamId, [id]));
  if (row === undefined) throw Refusal.notFound();
  return flagFromRow(row);
}
