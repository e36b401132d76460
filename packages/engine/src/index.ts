export { bucketingHash, isInRollout, pickVariant, variantBoundaries } from './bucketing/bucketing.ts';
export { compile, type Program, type ProgramFlag } from './compile/program.ts';
export { fromLocalEvaluation } from './definitions/local-evaluation.ts';
export { DefinitionError } from './definitions/reader.ts';
export type { DefinitionProblem, Definitions } from './definitions/types.ts';
export type { Exclusion } from './eligibility.ts';
export { evaluate } from './evaluate.ts';
export {
  type BucketExplanation,
  type ConditionExplanation,
  type Explanation,
  explain,
  explainFlag,
  type FilterExplanation,
  type FlagExplanation,
  type MissingFlag,
} from './explain/explain.ts';
export { type FactFailure, type Facts, isFailure, type PersonFacts } from './facts.ts';
export { type MatchPropertyOptions, matchProperty } from './match-property.ts';
export type { FactPlan, GroupPlan, StickyKeyPlan } from './plan.ts';
export { planFacts } from './plan-facts.ts';
export { type DateSettings, readDate, readRelativeDate } from './read-date.ts';
export type { EvaluationRequest } from './request.ts';
export type { Evaluation, FlagInfo, FlagResult, Reason } from './result.ts';
