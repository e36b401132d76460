import type { Subject } from '../bucketing/subject.ts';
import type { EvaluationState } from '../evaluate/evaluation-state.ts';
import type { Cell, ValueSource } from '../operators/cell.ts';
import { ERROR, MATCH, MISS, type Outcome } from '../operators/outcome.ts';
import { isRegex } from './compile-rules.ts';
import type { CompiledPredicate, CompiledRule } from './configuration.ts';
import type { Experiment } from './definition.ts';
import { drawHoldout, drawRollout, drawVariant } from './draw.ts';
import type { PredicateFailure } from './rule-reasons.ts';
import {
  failedBy,
  HELD_OUT,
  MATCHED,
  matchedVariant,
  PAUSED,
  ROLLOUT_MISSED,
  type RuleVerdict,
  TARGETING_MISSED,
} from './rule-verdict.ts';

/** Judges one rule: its predicates, and then what its type asks for (E180, E181). */
export function judgeRule(rule: CompiledRule, subject: Subject, state: EvaluationState): RuleVerdict {
  const { definition, predicates } = rule;
  for (const predicate of predicates) {
    const outcome = testPredicate(predicate, state);
    if (outcome === ERROR) return failedBy(failureOf(predicate, state));
    if (outcome === MISS) return TARGETING_MISSED;
  }
  switch (definition.type) {
    case 'targeted_release':
      return MATCHED;
    case 'percentage_rollout':
      return drawRollout(rule, definition.rollout, subject, state) ? MATCHED : ROLLOUT_MISSED;
    case 'experiment':
      return judgeExperiment(rule, definition, subject, state);
  }
}

/** A predicate's outcome is that of its operator, XOR negation; an error stays one (E180, E183). */
function testPredicate(predicate: CompiledPredicate, state: EvaluationState): Outcome {
  const cell = state.personProperty(predicate.property);
  const unknown = isUnknown(cell, state);
  const outcome = unknown ? ERROR : negated(predicate.matches(cell, state), predicate.definition.negation);
  const source: ValueSource = unknown ? 'not_loaded' : cell.source;
  state.trace.predicate(predicate, cell.value, source, outcome);
  return outcome;
}

function negated(outcome: Outcome, negation: boolean): Outcome {
  if (outcome === ERROR || !negation) return outcome;
  return outcome === MATCH ? MISS : MATCH;
}

/** E184: a property that the request lacks is known to be absent only where what is stored was looked up, or does not count. */
function isUnknown(cell: Cell, state: EvaluationState): boolean {
  return cell.value === undefined && !state.personComplete;
}

function failureOf({ property, definition }: CompiledPredicate, state: EvaluationState): PredicateFailure {
  if (isUnknown(state.personProperty(property), state)) return 'missing_context';
  return isRegex(definition.operator) ? 'invalid_regex' : 'invalid_property';
}

/** In this order: paused, holdout, rollout, variant (E181, E185a). */
function judgeExperiment(
  rule: CompiledRule,
  experiment: Experiment,
  subject: Subject,
  state: EvaluationState,
): RuleVerdict {
  if (experiment.paused) return PAUSED;
  if (experiment.holdout !== null && drawHoldout(rule, experiment.holdout, subject, state)) return HELD_OUT;
  if (!drawRollout(rule, experiment.rollout, subject, state)) return ROLLOUT_MISSED;
  return matchedVariant(drawVariant(rule, experiment, subject, state));
}
