import type { ConditionDefinition, FiltersV1 } from '../definitions/filters-v1.ts';
import type { FlagWarning } from './warning.ts';

/** Conditions that can never decide, because one before them lets everybody in. */
export function conditionWarnings({ conditions }: FiltersV1): readonly FlagWarning[] {
  const warnings: FlagWarning[] = [];
  for (const [at, condition] of conditions.entries()) {
    const ahead = conditions.slice(0, at).findIndex((other) => takesAll(other, condition));
    if (ahead < 0) continue;
    warnings.push({
      code: 'condition_never_decides',
      path: `filters.groups[${at}]`,
      message: `never decides: condition ${ahead + 1}, which comes before it, lets everybody in`,
    });
  }
  return warnings;
}

/** Everybody who would come to `later` is let in by `ahead`; one about groups lets in only who is in such a group. */
function takesAll(ahead: ConditionDefinition, later: ConditionDefinition): boolean {
  if (ahead.filters.length > 0 || ahead.rollout < 100) return false;
  return ahead.aggregation === null || ahead.aggregation === later.aggregation;
}
