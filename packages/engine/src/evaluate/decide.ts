import type { CompiledFlag, ConfigurationV1 } from '../program/flag.ts';
import { OUT_OF_ROLLOUT } from '../reasons.ts';
import type { FlagResult } from '../result.ts';
import { Doubts } from './doubts.ts';
import { drawHoldout } from './draw.ts';
import type { EvaluationState } from './evaluation-state.ts';
import { judge, judgeFor } from './judge.ts';
import { indexOf, NO_VERDICTS, reasonOf, withVerdict } from './tally.ts';
import { FILTERS_MISSED } from './verdict.ts';

/** Index under which the super condition is told: before all conditions. */
const SUPER_CONDITION = -1;

/** Decides a flag that can be evaluated, in the way of its configuration's version (E4). */
export function decide({ configuration, results }: CompiledFlag, state: EvaluationState): FlagResult {
  switch (configuration.version) {
    case 1:
      return decideV1(configuration, state);
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
  return verdict.kind === 'failed' ? results.failure(verdict.code) : results.enrolled(verdict.kind === 'matched');
}

/** E53. */
function decideByHoldout(configuration: ConfigurationV1, state: EvaluationState): FlagResult | null {
  const { holdout, results } = configuration;
  return holdout !== null && drawHoldout(configuration, holdout, state) ? results.heldOut(holdout.variant) : null;
}

/** The conditions in stored order: the first that gives an answer ends the flag (section 4). */
function decideByConditions(configuration: ConfigurationV1, state: EvaluationState): FlagResult {
  const { earlyExit, results } = configuration;
  let tally = NO_VERDICTS;
  let doubts: Doubts | null = null;
  let index = -1;
  for (let condition = configuration.firstCondition; condition !== null; condition = condition.next) {
    index++;
    const verdict = judge(configuration, condition, state);
    state.trace.condition(index, verdict);
    if (verdict === FILTERS_MISSED) {
      tally = withVerdict(tally, FILTERS_MISSED.why, index); // what most conditions come to
      continue;
    }
    let answer: FlagResult;
    switch (verdict.kind) {
      case 'missed':
        if (!earlyExit || verdict.why !== 'out_of_rollout_bound') {
          tally = withVerdict(tally, verdict.why, index);
          continue;
        }
        answer = results.missed(OUT_OF_ROLLOUT, index); // E61
        break;
      case 'matched':
        answer = results.matched(index, verdict.variant); // E70
        break;
      case 'failed':
        return results.failure(verdict.code); // E161
      case 'skipped':
        tally = withVerdict(tally, verdict.why, index);
        if (verdict.why === 'group_types_unknown') (doubts ??= new Doubts()).skip(condition); // E159
        continue;
    }
    if (verdict.assuming === null) return doubts === null ? answer : doubts.settle(answer, configuration);
    (doubts ??= new Doubts()).suppose(verdict.assuming, answer); // E143
  }
  const answer = results.missed(reasonOf(tally), indexOf(tally));
  return doubts === null ? answer : doubts.settle(answer, configuration);
}
