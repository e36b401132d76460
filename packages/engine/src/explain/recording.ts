import type { JsonValue } from '@halyard/json';
import { ASSUMED, type FilterOutcome } from '../evaluate/filter-outcome.ts';
import { type SeenSource, Trace } from '../evaluate/trace.ts';
import type { Verdict } from '../evaluate/verdict.ts';
import type { Cell } from '../operators/cell.ts';
import { ERROR, MATCH } from '../operators/outcome.ts';
import type { CohortFilter } from '../program/condition.ts';
import type { CompiledFilter } from '../program/filter.ts';
import type { CompiledFlag } from '../program/flag.ts';
import type { FlagResult } from '../result.ts';
import type { CompiledPredicate, CompiledRule } from '../rules/configuration.ts';
import type { RuleVerdict } from '../rules/rule-verdict.ts';
import type {
  BucketExplanation,
  ConditionExplanation,
  EnrollmentExplanation,
  FilterExplanation,
  FlagExplanation,
  RuleExplanation,
} from './explanation.ts';

/** What was told of a flag: its result and everything before it. */
export type Recorded = Pick<FlagExplanation, 'enrollment' | 'holdout' | 'conditions' | 'rules'> & {
  readonly flag: CompiledFlag;
  readonly result: FlagResult;
};

type Open<T> = { -readonly [K in keyof T]?: T[K] };

/** Writes down what evaluation tells. */
export class Recording extends Trace {
  readonly flags: Recorded[] = [];
  #filters: FilterExplanation[] = [];
  #draws: Open<Pick<ConditionExplanation, 'rollout' | 'variant'>> = {};
  #ruleHoldout: BucketExplanation | null = null;
  #conditions: ConditionExplanation[] = [];
  #rules: RuleExplanation[] = [];
  #before: Open<Pick<FlagExplanation, 'enrollment' | 'holdout'>> = {};

  override enrollment(key: string, { value, source }: Cell): void {
    const enrollment: EnrollmentExplanation = { key, source, ...seenOf(value) };
    this.#before.enrollment = enrollment;
  }

  override holdout(subject: string, point: number, percentage: number, inside: boolean): void {
    this.#before.holdout = { subject, point, percentage, inside };
  }

  override filter(
    filter: CompiledFilter | CohortFilter,
    seen: JsonValue | undefined,
    source: SeenSource,
    outcome: FilterOutcome,
  ): void {
    const { definition } = filter;
    this.#filters.push({
      key: filter.kind === 'flag' ? filter.targetKey : definition.key,
      type: definition.type,
      operator: definition.operator ?? (filter.kind === 'cohort' ? 'in' : 'exact'),
      expected: definition.value,
      ...seenOf(seen),
      source,
      outcome: outcomeName(outcome),
    });
  }

  override rollout(subject: string, point: number, percentage: number, inside: boolean): void {
    const rollout: BucketExplanation = { subject, point, percentage, inside };
    this.#draws.rollout = rollout;
  }

  override variant(point: number, key: string | null): void {
    this.#draws.variant = { point, key };
  }

  override condition(index: number, verdict: Verdict): void {
    this.#conditions.push({ index, ...outcomeOf(verdict), filters: this.#filters, ...this.#draws });
    this.#filters = [];
    this.#draws = {};
  }

  override predicate(
    { definition }: CompiledPredicate,
    seen: JsonValue | undefined,
    source: SeenSource,
    outcome: FilterOutcome,
  ): void {
    const { key, type, operator, value, negation } = definition;
    const negated = negation ? ({ negated: true } as const) : {};
    const told = { key, type, operator, expected: value, ...seenOf(seen), source, outcome: outcomeName(outcome) };
    this.#filters.push({ ...told, ...negated });
  }

  override ruleHoldout(subject: string, point: number, percentage: number, inside: boolean): void {
    this.#ruleHoldout = { subject, point, percentage, inside };
  }

  override rule(index: number, { definition: { id, type } }: CompiledRule, verdict: RuleVerdict): void {
    const failure = verdict.kind === 'failed' ? { failure: verdict.failure } : {};
    const holdout = this.#ruleHoldout === null ? {} : { holdout: this.#ruleHoldout };
    const told = { index, id, type, outcome: verdict.kind, ...failure, filters: this.#filters };
    this.#rules.push({ ...told, ...holdout, ...this.#draws });
    this.#filters = [];
    this.#draws = {};
    this.#ruleHoldout = null;
  }

  override flag(flag: CompiledFlag, result: FlagResult): void {
    const rules = flag.configuration.version === 2 ? { rules: this.#rules } : {};
    this.flags.push({ flag, result, ...this.#before, conditions: this.#conditions, ...rules });
    this.#before = {};
    this.#conditions = [];
    this.#rules = [];
  }
}

function outcomeOf(verdict: Verdict): Pick<ConditionExplanation, 'outcome' | 'failure'> {
  switch (verdict.kind) {
    case 'matched':
      return { outcome: 'matched' };
    case 'failed':
      return { outcome: 'failed', failure: verdict.why };
    case 'missed':
    case 'skipped':
      return { outcome: verdict.why };
  }
}

function outcomeName(outcome: FilterOutcome): FilterExplanation['outcome'] {
  if (outcome === MATCH) return 'match';
  if (outcome === ERROR) return 'error';
  return outcome === ASSUMED ? 'assumed' : 'miss';
}

function seenOf(value: JsonValue | undefined): { seen?: JsonValue } {
  return value === undefined ? {} : { seen: value };
}
