import { dependentsStatement, type Work } from '@halyard/data/management';
import type { JsonObject } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { readFlag } from './read-flag.ts';

/** Active flags that ask about this one directly, by key (M88). */
export function* dependentFlags(context: CommandContext, id: number): Work<readonly JsonObject[]> {
  yield* readFlag(context, id);
  const rows = yield* ask(dependentsStatement(context.teamId, [id]));
  return rows.map((row) => {
    const key = row['key'] ?? '';
    return {
      id: Number(row['id']),
      key,
      name: row['name'] === '' || row['name'] === null ? key : (row['name'] ?? key),
    };
  });
}
