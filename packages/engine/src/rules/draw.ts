import { bucket, isInRollout, pickVariant } from '../bucketing/bucketing.ts';
import type { PackedText } from '../bucketing/packed-text.ts';
import { ROLLOUT, type Subject, VARIANT } from '../bucketing/subject.ts';
import type { EvaluationState } from '../evaluate/evaluation-state.ts';
import type { CompiledRule } from './configuration.ts';
import type { Experiment, RolloutDefinition } from './definition.ts';

/** Unicode scalar values of the distinct id that are hashed (E179). */
const LONGEST_SUBJECT = 200;

/** E179: the distinct id, cut; no device id, no stored hash key. */
export function ruleSubject({ request: { distinctId }, subjects }: EvaluationState): Subject {
  if (distinctId.length <= LONGEST_SUBJECT) return subjects.person;
  // One unit more than twice as many holds more scalar values, if there are more.
  const front = Array.from(distinctId.slice(0, 2 * LONGEST_SUBJECT + 1));
  if (front.length <= LONGEST_SUBJECT) return subjects.person;
  return subjects.other.set(front.slice(0, LONGEST_SUBJECT).join(''));
}

export function drawRollout(
  { prefix }: CompiledRule,
  { percentage }: RolloutDefinition,
  subject: Subject,
  state: EvaluationState,
): boolean {
  const point = pointOf(prefix, percentage, subject);
  if (point === null) return subject.text !== '';
  const inside = isInRollout(point, percentage);
  state.trace.rollout(subject.text, point, percentage, inside);
  return inside;
}

export function drawHoldout(
  { holdoutPrefix }: CompiledRule,
  { percentage }: { readonly percentage: number },
  subject: Subject,
  state: EvaluationState,
): boolean {
  const point = pointOf(holdoutPrefix, percentage, subject);
  if (point === null) return subject.text !== '';
  const inside = isInRollout(point, percentage);
  state.trace.ruleHoldout(subject.text, point, percentage, inside);
  return inside;
}

/** Position of the variant; behind the last boundary it is the last one, whatever its weight (E181). */
export function drawVariant(
  { prefix, boundaries }: CompiledRule,
  { variants }: Experiment,
  subject: Subject,
  state: EvaluationState,
): number {
  const point = prefix === null ? 0 : bucket(prefix, subject, VARIANT);
  const picked = pickVariant(point, boundaries);
  const variant = picked < 0 ? variants.length - 1 : picked;
  state.trace.variant(point, variants[variant]?.key ?? null);
  return variant;
}

/** `null`: no hash decides. 100 % is everybody but the empty subject, which is never in (E17, E181). */
function pointOf(prefix: PackedText | null, percentage: number, subject: Subject): number | null {
  if (prefix === null || subject.text === '' || percentage === 100) return null;
  return bucket(prefix, subject, ROLLOUT);
}
