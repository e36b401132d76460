export { bucketingHash, isInRollout, pickVariant, variantBoundaries } from './bucketing/bucketing.ts';
export { compile, compileInPieces } from './compile/compile.ts';
export { fromLocalEvaluation } from './definitions/local-evaluation.ts';
export { type LocalEvaluationSettings, toLocalEvaluation } from './definitions/to-local-evaluation.ts';
export { DefinitionError } from './definitions/reader.ts';
export type { DefinitionProblem, Definitions } from './definitions/types.ts';
export type { Exclusion } from './eligibility.ts';
export { evaluate } from './evaluate/evaluate.ts';
export { explain, explainFlag } from './explain/explain.ts';
export type {
  BucketExplanation,
  ConditionExplanation,
  EnrollmentExplanation,
  Explanation,
  FilterExplanation,
  FlagExplanation,
  MissingFlag,
  RuleExplanation,
} from './explain/explanation.ts';
export { explanationText } from './explain/explanation-text.ts';
export { type FactFailure, type Facts, isFailure, NOTHING_STORED, type PersonFacts } from './facts.ts';
export { type MatchPropertyOptions, matchProperty } from './match-property.ts';
export type { FactPlan, GroupPlan, StickyKeyPlan } from './plan/fact-plan.ts';
export { type OperandProblem, operandProblem } from './operand-problem.ts';
export { canonicalOperator, OPERATORS as operatorNames } from './operators/index.ts';
export { planFacts } from './plan/plan-facts.ts';
export type { Program } from './program/program.ts';
export { type DateSettings, readDate, readRelativeDate } from './read-date.ts';
export type { EvaluationRequest } from './request.ts';
export type { Evaluation, FlagInfo, FlagResult, Reason, RuleType, TypedResult } from './result.ts';
