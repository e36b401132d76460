import { subjectCountStatement, type Work } from '@halyard/data/management';
import type { JsonObject } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { judgeFilters } from './judge-filters.ts';

/** A condition as it would be stored in a flag of its own, on for everybody whom its filters let in (M100). @throws {Refusal} */
export function judgeCondition(context: CommandContext, condition: JsonObject, index: number | null): Work<JsonObject> {
  const group = { ...condition, rollout_percentage: 100, aggregation_group_type_index: index };
  return judgeFilters(context, { id: null, key: '', stored: {}, timezone: 'UTC' }, { groups: [group] });
}

/** How many persons the project has, or groups of a type. */
export function* countSubjects({ teamId }: CommandContext, index: number | null): Work<number> {
  const [row] = yield* ask(subjectCountStatement(teamId, index));
  return Number(row?.['total'] ?? 0);
}
