import { bucket, hashPacked, packPrefix, pickVariant, variantBoundaries } from '../bucketing/bucketing.ts';
import type { PackedText } from '../bucketing/packed-text.ts';
import { ROLLOUT, type Subject, VARIANT } from '../bucketing/subject.ts';
import type { FlagDefinition } from '../definitions/flag.ts';
import type { FiltersV1 } from '../definitions/filters-v1.ts';
import type { PersonSlot } from '../person-slot.ts';
import {
  FAILURE_TEXTS,
  type FailureCode,
  type MissReason,
  NO_CONDITION_MATCH,
  NO_GROUP_TYPE,
  NO_MATCH_COHORT,
  NO_MATCH_GROUPS_SKIPPED,
  OUT_OF_ROLLOUT,
} from '../reasons.ts';
import type { FlagResult } from '../result.ts';
import type { Run } from '../run.ts';
import type { Cohorts } from './cohort.ts';
import { COHORT_MISSED, CompiledCondition, FAILED, PASSED } from './condition.ts';
import type { FilterScope } from './filter.ts';
import type { FlagResults } from './flag-results.ts';
import { Hypotheses } from './hypotheses.ts';
import { enrollmentProperty } from './needs.ts';

/** Where explanations show the super condition: before all conditions. */
const SUPER_CONDITION = -1;
const HOLDOUT_PREFIX = packPrefix('holdout-');

/** A version-1 flag, ready to run. Holds no request's data. */
export class FlagEvaluator {
  readonly conditions: readonly CompiledCondition[];
  /** E153: stored and anonymous hash keys apply. */
  readonly continuity: boolean;
  /** E60: the variant of an unpinned condition depends on the hash. */
  readonly variantsNeedHash: boolean;
  readonly #key: string;
  readonly #results: FlagResults;
  readonly #prefix: PackedText;
  readonly #boundaries: readonly number[];
  readonly #onDevice: boolean;
  readonly #filters: FiltersV1;
  /** Nothing comes before the conditions: no enrollment, no holdout. */
  readonly #plain: boolean;
  readonly #enrollment: PersonSlot | null;
  readonly #superCondition: CompiledCondition | null;
  readonly #superSlots: readonly PersonSlot[];
  readonly #holdoutVariant: string;
  readonly #holdoutThreshold: number;

  constructor(flag: FlagDefinition, filters: FiltersV1, results: FlagResults, scope: FilterScope, cohorts: Cohorts) {
    this.#key = flag.key;
    this.#results = results;
    this.#filters = filters;
    this.#prefix = packPrefix(`${flag.key}.`);
    this.#boundaries = variantBoundaries(filters.variants.map((variant) => variant.weight));
    this.#onDevice = flag.bucketsOnDevice;
    this.continuity = flag.experienceContinuity && filters.aggregation === null && !flag.bucketsOnDevice;
    const firstWeight = filters.variants.find((variant) => variant.weight > 0)?.weight;
    this.variantsNeedHash = firstWeight !== undefined && firstWeight < 100;
    const variants = filters.variants.map((variant) => variant.key);
    this.conditions = filters.conditions.map((condition) => new CompiledCondition(condition, variants, scope, cohorts));
    this.#enrollment = filters.enrollment ? scope.slots.person(enrollmentProperty(flag.key)) : null;
    this.#superCondition =
      filters.enrollment || filters.superCondition === null
        ? null
        : new CompiledCondition(filters.superCondition, variants, scope, cohorts);
    this.#superSlots = (this.#superCondition?.definition.filters ?? []).map((filter) => scope.slots.person(filter.key));
    this.#plain = !filters.enrollment && this.#superCondition === null && filters.holdout === null;
    this.#holdoutVariant = `holdout-${filters.holdout?.id ?? ''}`;
    this.#holdoutThreshold = Math.min(100, Math.max(0, filters.holdout?.exclusion ?? 0));
  }

  /** Decides the flag for this request, in the order of E25. */
  evaluate(run: Run): FlagResult {
    return this.#plain ? this.#evaluateConditions(run) : this.#evaluateAll(run);
  }

  #evaluateAll(run: Run): FlagResult {
    if (this.#enrollment !== null) {
      const { value } = this.#enrollment.read(run);
      if (value !== undefined) return this.#results.enrolled(value === true || value === 'true'); // E51
    }
    if (this.#superCondition !== null && this.#superSlots.some((slot) => slot.read(run).value !== undefined)) {
      return this.#evaluateSuperCondition(run, this.#superCondition);
    }
    if (this.#filters.holdout !== null && this.#isHeldOut(run)) return this.#results.heldOut(this.#holdoutVariant);
    return this.#evaluateConditions(run);
  }

  /** A person with a property that the super condition asks for is decided by it alone. */
  #evaluateSuperCondition(run: Run, condition: CompiledCondition): FlagResult {
    run.assumed = -1;
    run.recorder?.condition(condition, SUPER_CONDITION);
    const outcome = condition.test(run);
    if (outcome === FAILED) return this.#fail(run);
    const inside =
      outcome === PASSED &&
      (condition.rollout === 100 || bucket(this.#prefix, this.#personSubject(run), ROLLOUT) <= condition.threshold);
    run.recorder?.outcome(inside ? 'matched' : outcome === PASSED ? 'out_of_rollout_bound' : 'filters_missed');
    return this.#results.enrolled(inside);
  }

  #evaluateConditions(run: Run): FlagResult {
    const { conditions } = this;
    const results = this.#results;
    let best: MissReason = NO_GROUP_TYPE;
    let bestIndex = -1;
    let groupsSkipped = false;
    let cohortMissed = false;
    let personHash = -1;
    let unmapped = 0; // conditions skipped for want of the group type mapping: 1 some, 2 some with a rollout below 100 (E159)
    let hypotheses: Hypotheses | null = null;
    let decided: FlagResult | null = null;
    const recorder = run.recorder;

    for (let index = 0; index < conditions.length; index++) {
      const condition = conditions[index] as CompiledCondition;
      const { group } = condition;
      if (recorder !== null) recorder.condition(condition, index);
      if (group < 0 && this.#onDevice && run.deviceId === null) {
        if (recorder !== null) recorder.outcome('no_device_id');
        best = OUT_OF_ROLLOUT; // the highest score a miss can have (E60; docs/decisions/differences.md)
        bestIndex = index;
        continue;
      }
      if (run.mappingFailed && this.#dependsOnMapping(run, condition)) {
        if (recorder !== null) recorder.outcome('group_types_unknown');
        unmapped = Math.max(unmapped, condition.rollout < 100 ? 2 : 1);
        continue;
      }
      const groupKey = group < 0 ? '' : (run.groups?.key(group) ?? null);
      if (groupKey === null) {
        if (recorder !== null) recorder.outcome('no_group_type');
        groupsSkipped = true; // E66
        if (best <= NO_GROUP_TYPE) bestIndex = index;
        continue;
      }

      run.assumed = -1;
      const outcome = condition.test(run);
      if (outcome === FAILED) return this.#fail(run);
      if (outcome !== PASSED) {
        if (recorder !== null) recorder.outcome('filters_missed');
        if (outcome === COHORT_MISSED) cohortMissed = true;
        if (best <= NO_CONDITION_MATCH) {
          best = NO_CONDITION_MATCH;
          bestIndex = index;
        }
        continue;
      }

      if (condition.rollout !== 100) {
        let point: number;
        if (group >= 0) point = bucket(this.#prefix, run.otherSubject.set(groupKey), ROLLOUT);
        else if (personHash >= 0) point = personHash;
        else point = personHash = bucket(this.#prefix, this.#personSubject(run), ROLLOUT);
        const inside = point <= condition.threshold;
        if (recorder !== null)
          recorder.rollout(this.#describeSubject(run, group, groupKey), point, condition.rollout, inside);
        if (!inside) {
          if (recorder !== null) recorder.outcome('out_of_rollout_bound');
          if (run.assumed >= 0 && this.#filters.earlyExit) {
            hypotheses ??= new Hypotheses();
            hypotheses.add(run.assumed, null);
            continue;
          }
          best = OUT_OF_ROLLOUT;
          bestIndex = index;
          if (!this.#filters.earlyExit) continue;
          decided = results.missed(OUT_OF_ROLLOUT, index); // E61
          break;
        }
      }

      const variant = condition.pinned >= 0 ? condition.pinned : this.#pickVariant(run, group, groupKey);
      if (recorder !== null) recorder.outcome('matched');
      if (run.assumed < 0) {
        decided = results.matched(index, variant);
        break;
      }
      hypotheses ??= new Hypotheses();
      hypotheses.add(run.assumed, results.matched(index, variant));
    }

    if (unmapped > 0 && (decided === null || (this.#filters.earlyExit && unmapped === 2))) {
      return this.#failWith('group_type_lookup_failed');
    }
    if (decided === null) {
      if (best === NO_CONDITION_MATCH && cohortMissed)
        best = NO_MATCH_COHORT; // E29
      else if (best === NO_CONDITION_MATCH && groupsSkipped) best = NO_MATCH_GROUPS_SKIPPED;
      decided = results.missed(best, bestIndex);
    }
    const contradicted = hypotheses?.contradictedBy(decided) ?? -1;
    return contradicted < 0
      ? decided
      : results.failed('dependency_failed', `Flag dependency failed: ${run.keyOf(contradicted)}`);
  }

  /** E20: which identifier a person condition hashes. */
  #personSubject(run: Run): Subject {
    if (this.#onDevice && run.deviceId !== null) return run.deviceSubject;
    if (this.continuity) {
      const stored = run.stickyKeys?.get(this.#key);
      if (stored !== undefined) return run.otherSubject.set(stored);
      if (run.anonDistinctId !== null) return run.anonSubject;
    }
    return run.personSubject;
  }

  #pickVariant(run: Run, group: number, groupKey: string): number {
    const boundaries = this.#boundaries;
    if (boundaries.length === 0) return -1;
    const subject = group < 0 ? this.#personSubject(run) : run.otherSubject.set(groupKey);
    const point = bucket(this.#prefix, subject, VARIANT);
    const variant = pickVariant(point, boundaries);
    run.recorder?.variant(point, this.#filters.variants[variant]?.key ?? null);
    return variant;
  }

  /** E53, with the subject of E22: stored hash keys do not count, and an empty subject is hashed. */
  #isHeldOut(run: Run): boolean {
    const threshold = this.#holdoutThreshold;
    if (threshold === 100) return true;
    const { aggregation } = this.#filters;
    let subject: Subject;
    if (aggregation !== null) subject = run.otherSubject.set(run.groups?.key(aggregation) ?? '');
    else if (this.#onDevice && run.deviceId !== null) subject = run.deviceSubject;
    else subject = this.continuity && run.anonDistinctId !== null ? run.anonSubject : run.personSubject;
    const point = hashPacked(HOLDOUT_PREFIX, subject, ROLLOUT);
    const inside = point <= threshold / 100;
    run.recorder?.holdout(subject.text, point, threshold, inside);
    return inside;
  }

  /** E159: the mapping could change what this condition does. */
  #dependsOnMapping(run: Run, condition: CompiledCondition): boolean {
    const groups = run.groups;
    if (groups === null) return false;
    return condition.group >= 0 ? groups.hasKey : condition.namesGroup && groups.hasContext;
  }

  #describeSubject(run: Run, group: number, groupKey: string): string {
    return group < 0 ? this.#personSubject(run).text : groupKey;
  }

  #fail(run: Run): FlagResult {
    const code = run.failure as FailureCode;
    run.failure = null;
    return this.#failWith(code);
  }

  #failWith(code: FailureCode): FlagResult {
    return this.#results.failed(code, FAILURE_TEXTS[code]);
  }
}
