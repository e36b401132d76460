import type { CompiledCondition } from '../compile/condition.ts';
import type { FilterOutcome } from '../compile/filter.ts';
import type { FilterDefinition } from '../definitions/filter.ts';
import type { FlagResult } from '../result.ts';
import type { Run } from '../run.ts';

/** How one condition ended. */
export type ConditionOutcome =
  | 'matched'
  | 'filters_missed'
  | 'out_of_rollout_bound'
  | 'no_group_type'
  | 'no_device_id'
  | 'group_types_unknown';

/** What evaluation tells whoever asked for an explanation. Evaluation itself is the same with or without one. */
export interface Recorder {
  /** A flag's conditions are about to be tried, or it is decided without. */
  flag(key: string): void;
  result(result: FlagResult): void;
  condition(condition: CompiledCondition, index: number): void;
  filter(run: Run, filter: FilterDefinition, outcome: FilterOutcome): void;
  rollout(subject: string, point: number, percentage: number, inside: boolean): void;
  variant(point: number, variant: string | null): void;
  holdout(subject: string, point: number, percentage: number, inside: boolean): void;
  outcome(outcome: ConditionOutcome): void;
}
