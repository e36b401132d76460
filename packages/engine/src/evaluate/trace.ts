import type { JsonValue } from '@halyard/json';
import type { Cell, ValueSource } from '../operators/cell.ts';
import type { CohortFilter } from '../program/condition.ts';
import type { CompiledFilter } from '../program/filter.ts';
import type { CompiledFlag } from '../program/flag.ts';
import type { FlagResult } from '../result.ts';
import type { CompiledPredicate, CompiledRule } from '../rules/configuration.ts';
import type { RuleVerdict } from '../rules/rule-verdict.ts';
import type { FilterOutcome } from './filter-outcome.ts';
import type { Verdict } from './verdict.ts';

/** Where the value that a filter saw came from. */
export type SeenSource = ValueSource | 'flag' | 'cohort';

/**
 * What evaluation tells about its way to each result, as it goes: whatever is told belongs to the `condition` or `flag` that
 * closes it. This one listens to nothing; an explanation overrides what it wants to hear and looks nothing up itself.
 */
export class Trace {
  /** The property that decides enrollment was looked at (E51). */
  enrollment(_key: string, _cell: Cell): void {}

  /** A holdout was drawn (E53). */
  holdout(_subject: string, _point: number, _percentage: number, _inside: boolean): void {}

  filter(
    _filter: CompiledFilter | CohortFilter,
    _seen: JsonValue | undefined,
    _source: SeenSource,
    _outcome: FilterOutcome,
  ): void {}

  /** A rollout was drawn (E69). */
  rollout(_subject: string, _point: number, _percentage: number, _inside: boolean): void {}

  /** A variant was drawn (E71); `null` when the point is behind the last one. */
  variant(_point: number, _variant: string | null): void {}

  /** Closes a condition; `index` -1 is the super condition. */
  condition(_index: number, _verdict: Verdict): void {}

  /** A predicate of an ordered rule; the outcome is the one that counts, after negation (E180). */
  predicate(
    _predicate: CompiledPredicate,
    _seen: JsonValue | undefined,
    _source: SeenSource,
    _outcome: FilterOutcome,
  ): void {}

  /** The holdout of an ordered rule was drawn (E181). */
  ruleHoldout(_subject: string, _point: number, _percentage: number, _inside: boolean): void {}

  /** Closes an ordered rule. */
  rule(_index: number, _rule: CompiledRule, _verdict: RuleVerdict): void {}

  /** Closes a flag. */
  flag(_flag: CompiledFlag, _result: FlagResult): void {}
}

export const SILENT: Trace = new Trace();
