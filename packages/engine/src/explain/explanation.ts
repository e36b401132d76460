import type { JsonValue } from '@halyard/json';
import type { DefinitionProblem } from '../definitions/types.ts';
import type { Exclusion } from '../eligibility.ts';
import type { SeenSource } from '../evaluate/trace.ts';
import type { Missed, Skipped } from '../evaluate/verdict.ts';
import type { FailureCode } from '../reasons.ts';
import type { FlagResult, RuleType } from '../result.ts';
import type { PredicateFailure } from '../rules/rule-reasons.ts';
import type { RuleVerdict } from '../rules/rule-verdict.ts';

/** One filter as it was tested. Filters after the first miss are not tested and do not appear. */
export interface FilterExplanation {
  /** Property key; of a filter on a flag, that flag's key. */
  readonly key: string;
  readonly type: string;
  readonly operator: string;
  /** What the definition compares with. */
  readonly expected: JsonValue | undefined;
  /** The value seen; absent when there was none. Cohort filters show membership, flag filters the flag's value. */
  readonly seen?: JsonValue;
  /**
   * Where it came from: `request` it was sent, `stored`, `filled` another property stands in (E147, E148), `missing` it is not set,
   * `not_loaded` it could not be loaded, `flag` that flag's value, `cohort` membership.
   */
  readonly source: SeenSource;
  /** `error`: the two cannot be compared, which counts as a miss. `assumed`: the flag it asks about failed (E143). */
  readonly outcome: 'match' | 'miss' | 'error' | 'assumed';
  /** A predicate of an ordered rule whose outcome was turned round (E180). */
  readonly negated?: true;
}

/** Where a subject fell: `point` in [0, 1] against `percentage`. */
export interface BucketExplanation {
  readonly subject: string;
  readonly point: number;
  readonly percentage: number;
  readonly inside: boolean;
}

/** One condition as far as it was looked at. */
export interface ConditionExplanation {
  /** Stored position; -1 for the super condition. */
  readonly index: number;
  readonly outcome: 'matched' | 'failed' | Missed['why'] | Skipped['why'];
  /** Why it failed the flag (E161). */
  readonly failure?: FailureCode;
  readonly filters: readonly FilterExplanation[];
  /** Absent when no hash was needed: a rollout of 100 %, or a condition that ended before. */
  readonly rollout?: BucketExplanation;
  readonly variant?: { readonly point: number; readonly key: string | null };
}

/** One ordered rule as far as it was looked at (E181). */
export interface RuleExplanation {
  /** Stored position. */
  readonly index: number;
  /** The rule's UUID. */
  readonly id: string;
  readonly type: RuleType;
  readonly outcome: RuleVerdict['kind'];
  /** Why it failed the flag (E183). */
  readonly failure?: PredicateFailure;
  readonly filters: readonly FilterExplanation[];
  /** Absent, like the other draws, when no hash was needed. */
  readonly holdout?: BucketExplanation;
  readonly rollout?: BucketExplanation;
  readonly variant?: { readonly point: number; readonly key: string | null };
}

/** The property by which a person joins or leaves early access (E51). */
export interface EnrollmentExplanation {
  readonly key: string;
  readonly seen?: JsonValue;
  readonly source: SeenSource;
}

/** A flag that others ask about and that does not exist, or whose definition cannot be used (E140). */
export interface MissingFlag {
  readonly id: number;
  /** Known where the definition holds it but cannot be used. */
  readonly key?: string;
  /** Key of the flag whose filter asks about it: the explained one, or one that it depends on. */
  readonly askedBy: string;
}

/** How a flag came to its result in one request. */
export interface FlagExplanation {
  readonly key: string;
  /** Whom it is about. */
  readonly distinctId: string;
  /** The result, exactly as `evaluate` gives it; `null` when the flag takes no part. */
  readonly result: FlagResult | null;
  /** Why the flag takes no part in this request. */
  readonly excluded?: Exclusion | 'inactive' | 'cycle' | 'malformed' | 'unknown';
  /** What is wrong with its definition, for a malformed flag. */
  readonly problem?: DefinitionProblem;
  readonly enrollment?: EnrollmentExplanation;
  readonly holdout?: BucketExplanation;
  /** In the order in which they were judged; those after the one that decided do not appear. */
  readonly conditions: readonly ConditionExplanation[];
  /** The same for a flag of ordered rules, which has no conditions; absent for others. */
  readonly rules?: readonly RuleExplanation[];
  /** Keys of the flags that its filters ask about. */
  readonly dependsOn: readonly string[];
  /** Why the reason is `missing_dependency`; absent otherwise. */
  readonly missing?: readonly MissingFlag[];
}

export interface Explanation {
  readonly flags: readonly FlagExplanation[];
  readonly errors: boolean;
}
