import type { EvaluationState } from '../evaluate/evaluation-state.ts';
import type { FlagResult } from '../result.ts';
import type { CompiledRule, ConfigurationV2 } from './configuration.ts';
import { ruleSubject } from './draw.ts';
import { judgeRule } from './judge-rule.ts';

/** The rules in stored order: the first that ends the flag counts (E180 to E185). */
export function decideByRules({ rules, results }: ConfigurationV2, state: EvaluationState): FlagResult {
  const subject = ruleSubject(state);
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as CompiledRule;
    const verdict = judgeRule(rule, subject, state);
    state.trace.rule(index, rule, verdict);
    switch (verdict.kind) {
      case 'targeting_missed':
        continue;
      case 'rollout_missed':
        if (onMiss(rule) === 'continue') continue; // E182: leaves no trace
        return results.default('rollout_miss', index);
      case 'paused':
        return results.default('experiment_paused', index);
      case 'held_out':
        return results.default('holdout', index);
      case 'matched':
        return results.matched(index, verdict.variant);
      case 'failed':
        return results.failed(verdict.failure, index);
    }
  }
  return results.default('no_rule_match', -1); // E185
}

function onMiss({ definition }: CompiledRule): 'continue' | 'return_default' {
  return definition.type === 'targeted_release' ? 'continue' : definition.rollout.onMiss;
}
