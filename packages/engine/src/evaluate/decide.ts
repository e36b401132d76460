import type { CompiledFlag, ConfigurationV1 } from '../program/flag.ts';
import { OUT_OF_ROLLOUT } from '../reasons.ts';
import type { FlagResult } from '../result.ts';
import { decideByRules } from '../rules/decide-by-rules.ts';
import { Doubts } from './doubts.ts';
import { drawHoldout } from './draw.ts';
import type { EvaluationState } from './evaluation-state.ts';
import { judge, judgeFor } from './judge.ts';
import { indexOf, NO_VERDICTS, reasonOf, withScore } from './tally.ts';
import { FILTERS_MISSED, GROUP_TYPES_UNKNOWN, type Verdict } from './verdict.ts';

/** Index under which the super condition is told: before all conditions. */
const SUPER_CONDITION = -1;

/** Decides a flag that can be evaluated, in the way of its configuration's version (E4). */
export function decide({ configuration, results }: CompiledFlag, state: EvaluationState): FlagResult {
  switch (configuration.version) {
    case 1:
      return decideV1(configuration, state);
    case 2:
      return decideByRules(configuration, state);
    case 'unsupported':
      return results.unsupported(configuration.problem); // E171
  }
}

/** E25. */
function decideV1(configuration: ConfigurationV1, state: EvaluationState): FlagResult {
  const early = configuration.conditionsOnly ? null : decideBeforeConditions(configuration, state);
  return early ?? decideByConditions(configuration, state);
}

function decideBeforeConditions(configuration: ConfigurationV1, state: EvaluationState): FlagResult | null {
  return (
    decideByEnrollment(configuration, state) ??
    decideBySuperCondition(configuration, state) ??
    decideByHoldout(configuration, state)
  );
}

/** E51. */
function decideByEnrollment({ enrollment, results }: ConfigurationV1, state: EvaluationState): FlagResult | null {
  if (enrollment === null) return null;
  const cell = state.personProperty(enrollment);
  state.trace.enrollment(enrollment.key, cell);
  const { value } = cell;
  return value === undefined ? null : results.enrolled(value === true || value === 'true');
}

/** E13: whoever has a property that the super condition asks for is decided by it alone. */
function decideBySuperCondition(
  { superCondition, results }: ConfigurationV1,
  state: EvaluationState,
): FlagResult | null {
  if (superCondition === null) return null;
  const { configuration, condition, properties } = superCondition;
  if (!properties.some((property) => state.personProperty(property).value !== undefined)) return null;
  const verdict = judgeFor(null, configuration, condition, state); // always about the person
  state.trace.condition(SUPER_CONDITION, verdict);
  return verdict.kind === 'failed' ? results.failure(verdict.why) : results.enrolled(verdict.kind === 'matched');
}

/** E53. */
function decideByHoldout(configuration: ConfigurationV1, state: EvaluationState): FlagResult | null {
  const { holdout, results } = configuration;
  return holdout !== null && drawHoldout(configuration, holdout, state) ? results.heldOut(holdout.variant) : null;
}

/** The conditions in stored order: the first that gives an answer ends the flag (section 4). */
function decideByConditions(configuration: ConfigurationV1, state: EvaluationState): FlagResult {
  let tally = NO_VERDICTS;
  let doubts: Doubts | null = null;
  let index = 0;
  for (let condition = configuration.firstCondition; condition !== null; condition = condition.next) {
    const verdict = judge(configuration, condition, state);
    state.trace.condition(index, verdict);
    // What most conditions come to needs no further look.
    const answer = verdict === FILTERS_MISSED ? null : answerOf(verdict, index, configuration);
    if (answer === null) {
      tally = withScore(tally, verdict.score, index);
      if (verdict === GROUP_TYPES_UNKNOWN) (doubts ??= new Doubts()).skip(condition); // E159
    } else if (verdict.assuming === null) {
      return doubts === null ? answer : doubts.settle(answer, configuration);
    } else {
      (doubts ??= new Doubts()).suppose(verdict.assuming, answer); // E143
    }
    index++;
  }
  const answer = configuration.results.missed(reasonOf(tally), indexOf(tally));
  return doubts === null ? answer : doubts.settle(answer, configuration);
}

/** The answer to which a condition's verdict leads by itself; `null`: the next one is asked. */
function answerOf(verdict: Verdict, index: number, { earlyExit, results }: ConfigurationV1): FlagResult | null {
  switch (verdict.kind) {
    case 'matched':
      return results.matched(index, verdict.variant); // E70
    case 'missed':
      return earlyExit && verdict.why === 'out_of_rollout_bound' ? results.missed(OUT_OF_ROLLOUT, index) : null; // E61
    case 'failed':
      return results.failure(verdict.why); // E161
    case 'skipped':
      return null;
  }
}
