import { bucket, hashPacked, packPrefix, pickVariant } from '../bucketing/bucketing.ts';
import { ROLLOUT, type Subject, VARIANT } from '../bucketing/subject.ts';
import type { CompiledCondition } from '../program/condition.ts';
import type { ConfigurationV1, Holdout } from '../program/flag.ts';
import type { EvaluationState } from './evaluation-state.ts';

const HOLDOUT_PREFIX = packPrefix('holdout-');

/** E69: whether the subject is inside the condition's rollout. */
export function drawRollout(
  { prefix }: ConfigurationV1,
  { rollout, threshold }: CompiledCondition,
  subject: Subject,
  state: EvaluationState,
): boolean {
  const point = bucket(prefix, subject, ROLLOUT);
  const inside = point <= threshold;
  state.trace.rollout(subject.text, point, rollout, inside);
  return inside;
}

/** E71: position of the variant of a matching condition; -1 for none. */
export function drawVariant(
  { prefix, boundaries, variants }: ConfigurationV1,
  { pinned }: CompiledCondition,
  subject: Subject,
  state: EvaluationState,
): number {
  if (pinned >= 0 || boundaries.length === 0) return pinned;
  const point = bucket(prefix, subject, VARIANT);
  const variant = pickVariant(point, boundaries);
  state.trace.variant(point, variants[variant] ?? null);
  return variant;
}

/** E53, with the subject of E22: stored hash keys do not count, and an empty subject is hashed. */
export function drawHoldout(
  configuration: ConfigurationV1,
  { percentage, group }: Holdout,
  state: EvaluationState,
): boolean {
  if (percentage === 100) return true;
  const subject = group < 0 ? identity(configuration, state) : state.subjects.other.set(state.groups.key(group) ?? '');
  const point = hashPacked(HOLDOUT_PREFIX, subject, ROLLOUT);
  const inside = point <= percentage / 100;
  state.trace.holdout(subject.text, point, percentage, inside);
  return inside;
}

/** E20: which identifier a person condition hashes. */
export function personSubject(configuration: ConfigurationV1, state: EvaluationState): Subject {
  if (configuration.byDistinctId) return state.subjects.person;
  if (configuration.continuity) {
    const stored = state.stickyKey(configuration.key);
    if (stored !== undefined) return state.subjects.other.set(stored);
  }
  return identity(configuration, state);
}

/** E20 without stored hash keys. */
function identity({ onDevice, continuity }: ConfigurationV1, state: EvaluationState): Subject {
  const { subjects } = state;
  if (onDevice) {
    const { deviceId } = state;
    if (deviceId !== null) return subjects.device.set(deviceId);
  } else if (continuity) {
    const { anonDistinctId } = state;
    if (anonDistinctId !== null) return subjects.anonymous.set(anonDistinctId);
  }
  return subjects.person;
}
