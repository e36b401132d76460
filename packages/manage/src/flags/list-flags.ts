import { flagCountStatement, flagIdsStatement, flagListStatement, type Work } from '@halyard/data/management';
import { ask, type CommandContext } from '../command.ts';
import { type Flag, flagFromRow } from './flag.ts';
import { type ListParameters, readOrder, readSelection } from './list-query.ts';
import { countedSince } from './render-flag.ts';

export interface FlagPage {
  readonly count: number;
  readonly flags: readonly Flag[];
}

/**
 * A page of the project's flags (M35, M36), newest first unless told.
 *
 * @throws {Refusal} for a search that is too long and an unknown order
 */
export function* listFlags(
  context: CommandContext,
  parameters: ListParameters,
  page: { readonly limit: number; readonly offset: number },
): Work<FlagPage> {
  const order = readOrder(parameters);
  const selection = readSelection(parameters, context.now, yield* countedSince(context));
  const [row] = yield* ask(flagCountStatement(context.teamId, selection));
  const count = Number(row?.['total'] ?? 0);
  if (page.offset >= count) return { count, flags: [] };
  const rows = yield* ask(flagListStatement(context.teamId, selection, order, page));
  return { count, flags: rows.map(flagFromRow) };
}

/** Ids of all flags that a list with these parameters holds, whatever its page (M97). */
export function* matchingIds(context: CommandContext, parameters: ListParameters): Work<readonly number[]> {
  const selection = readSelection(parameters, context.now, yield* countedSince(context));
  const rows = yield* ask(flagIdsStatement(context.teamId, selection));
  return rows.map((row) => Number(row['id']));
}
