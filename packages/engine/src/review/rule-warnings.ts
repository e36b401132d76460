import type { FiltersV2, RuleDefinition } from '../rules/definition.ts';
import type { FlagWarning } from './warning.ts';

/** Ordered rules behind one that leaves nobody over. */
export function ruleWarnings({ rules }: FiltersV2): readonly FlagWarning[] {
  const last = rules.findIndex(decidesAll);
  if (last < 0) return [];
  return rules.slice(last + 1).map((_, i) => ({
    code: 'condition_never_decides',
    path: `filters.rules[${last + 1 + i}]`,
    message: `never decides: rule ${last + 1}, which comes before it, decides for everybody`,
  }));
}

function decidesAll(rule: RuleDefinition): boolean {
  if (rule.predicates.length > 0) return false;
  if (rule.type === 'targeted_release') return true;
  if (rule.type === 'experiment' && rule.paused) return true;
  return rule.rollout.percentage >= 100 || rule.rollout.onMiss === 'return_default';
}
