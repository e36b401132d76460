import type { CompiledCondition } from '../compile/condition.ts';
import { ASSUMED, type FilterOutcome } from '../compile/filter.ts';
import type { Program, ProgramFlag } from '../compile/program.ts';
import type { FilterDefinition } from '../definitions/filter.ts';
import type { DefinitionProblem } from '../definitions/types.ts';
import { type Exclusion, exclusion } from '../eligibility.ts';
import { evaluate } from '../evaluate.ts';
import type { Facts } from '../facts.ts';
import type { JsonValue } from '@halyard/json';
import { ERROR, MATCH } from '../operators/outcome.ts';
import { metadataName, PersonSlot, type ValueSource } from '../person-slot.ts';
import type { EvaluationRequest } from '../request.ts';
import type { FlagResult } from '../result.ts';
import { type Run, SEEDED_FALSE } from '../run.ts';
import type { ConditionOutcome, Recorder } from './recorder.ts';

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
  readonly source: ValueSource | 'flag' | 'cohort';
  /** `error`: the two cannot be compared, which counts as a miss. `assumed`: the flag it asks about failed (E143). */
  readonly outcome: 'match' | 'miss' | 'error' | 'assumed';
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
  readonly index: number;
  readonly outcome: ConditionOutcome | 'failed';
  readonly filters: readonly FilterExplanation[];
  /** Absent when no hash was needed: a rollout of 100 %, or a condition that ended before. */
  readonly rollout?: BucketExplanation;
  readonly variant?: { readonly point: number; readonly key: string | null };
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
  /** The result, exactly as `evaluate` gives it; `null` when the flag takes no part. */
  readonly result: FlagResult | null;
  /** Why the flag takes no part in this request. */
  readonly excluded?: Exclusion | 'inactive' | 'cycle' | 'malformed' | 'unknown';
  /** What is wrong with its definition, for a malformed flag. */
  readonly problem?: DefinitionProblem;
  readonly holdout?: BucketExplanation;
  readonly conditions: readonly ConditionExplanation[];
  /** Keys of the flags that its filters ask about. */
  readonly dependsOn: readonly string[];
  /** Why the reason is `missing_dependency`; absent otherwise. */
  readonly missing?: readonly MissingFlag[];
}

export interface Explanation {
  readonly flags: readonly FlagExplanation[];
  readonly errors: boolean;
}

/** Evaluates like `evaluate` and says how each answer came about. */
export function explain(program: Program, request: EvaluationRequest, facts: Facts | null = null): Explanation {
  const recording = new Recording(program);
  const { errors } = evaluate(program, request, facts, recording);
  return { flags: recording.flags, errors };
}

/** Explains one flag; one that takes no part is explained by why it does not. */
export function explainFlag(
  program: Program,
  key: string,
  request: EvaluationRequest,
  facts: Facts | null = null,
): FlagExplanation {
  const found = explain(program, request, facts).flags.find((flag) => flag.key === key);
  if (found !== undefined) return found;
  const problem = program.problems.find((one) => one.flagKey === key);
  if (problem !== undefined && !program.byKey.has(key)) {
    return { key, result: null, excluded: 'malformed', problem, conditions: [], dependsOn: [] };
  }
  return { key, result: null, excluded: exclusionOf(program, key, request), conditions: [], dependsOn: [] };
}

function exclusionOf(
  program: Program,
  key: string,
  request: EvaluationRequest,
): Exclusion | 'inactive' | 'cycle' | 'unknown' {
  const flag = program.byKey.get(key);
  if (flag !== undefined) return exclusion(flag.definition, request) ?? 'unknown';
  if (program.cyclic.some((cyclic) => cyclic.key === key)) return 'cycle';
  return program.inactive.has(key) ? 'inactive' : 'unknown';
}

/** What is missing for the flag at this position and for all that it depends on. */
function missingFlags({ unknownTargets, targets, problems, run }: Program, position: number): readonly MissingFlag[] {
  const missing: MissingFlag[] = [];
  // A set is walked in the order in which it grows.
  const behind = new Set([position]);
  for (const at of behind) {
    for (const id of unknownTargets.get(at) ?? []) {
      const key = problems.find((problem) => problem.flagId === id)?.flagKey;
      missing.push({ id, ...(key === undefined ? {} : { key }), askedBy: run.keyOf(at) });
    }
    for (const target of targets[at] ?? []) behind.add(target);
  }
  return missing;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenCondition = Mutable<ConditionExplanation> & { filters: FilterExplanation[] };
type OpenFlag = Mutable<FlagExplanation> & { conditions: OpenCondition[] };

class Recording implements Recorder {
  readonly flags: OpenFlag[] = [];
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  flag(key: string): void {
    const flag = this.#program.byKey.get(key);
    const dependsOn = (flag?.targets ?? []).map((position) => this.#program.run.keyOf(position));
    const missing = flag?.missingDependency === true ? { missing: missingFlags(this.#program, flag.position) } : {};
    this.flags.push({ key, result: null, conditions: [], dependsOn, ...missing });
  }

  result(result: FlagResult): void {
    this.#flag().result = result;
  }

  condition(_condition: CompiledCondition, index: number): void {
    // A condition that ends in a failure of the flag reports no outcome of its own.
    this.#flag().conditions.push({ index, outcome: 'failed', filters: [] });
  }

  filter(run: Run, filter: FilterDefinition, outcome: FilterOutcome): void {
    this.#condition().filters.push({
      key: (filter.type === 'flag' ? this.#target(filter)?.info.key : undefined) ?? filter.key,
      type: filter.type,
      operator: filter.operator ?? (filter.type === 'cohort' ? 'in' : 'exact'),
      expected: filter.value,
      ...this.#seen(run, filter, outcome),
      outcome: outcome === MATCH ? 'match' : outcome === ERROR ? 'error' : outcome === ASSUMED ? 'assumed' : 'miss',
    });
  }

  rollout(subject: string, point: number, percentage: number, inside: boolean): void {
    this.#condition().rollout = { subject, point, percentage, inside };
  }

  variant(point: number, key: string | null): void {
    this.#condition().variant = { point, key };
  }

  holdout(subject: string, point: number, percentage: number, inside: boolean): void {
    this.#flag().holdout = { subject, point, percentage, inside };
  }

  outcome(outcome: ConditionOutcome): void {
    this.#condition().outcome = outcome;
  }

  #flag(): OpenFlag {
    return this.flags.at(-1) as OpenFlag;
  }

  #condition(): OpenCondition {
    return this.#flag().conditions.at(-1) as OpenCondition;
  }

  #seen(
    run: Run,
    filter: FilterDefinition,
    outcome: FilterOutcome,
  ): Pick<FilterExplanation, 'source'> & { seen?: JsonValue } {
    if (filter.type === 'cohort') {
      const wantsOut = filter.operator === 'not_in';
      return { source: 'cohort', seen: (outcome === MATCH) !== wantsOut };
    }
    if (filter.type === 'flag') return { source: 'flag', ...this.#flagValue(run, filter) };
    if (filter.type === 'group') return this.#groupValue(run, filter);
    const slot = new PersonSlot(filter.type === 'person_metadata' ? metadataName(filter.key) : filter.key);
    const { value } = slot.read(run);
    return { source: slot.source(run), ...(value === undefined ? {} : { seen: value }) };
  }

  /** The flag that a filter asks about by its id. */
  #target(filter: FilterDefinition): ProgramFlag | undefined {
    return this.#program.flags.find((flag) => String(flag.info.id) === filter.key);
  }

  #flagValue(run: Run, filter: FilterDefinition): { seen?: JsonValue } {
    const target = this.#target(filter);
    const recorded = target === undefined ? undefined : run.recorded[target.position];
    if (recorded === undefined || recorded === SEEDED_FALSE) return { seen: false };
    return recorded.failed ? {} : { seen: recorded.value };
  }

  #groupValue(run: Run, filter: FilterDefinition): { source: ValueSource; seen?: JsonValue } {
    const index = filter.groupTypeIndex ?? this.#openGroup;
    const value = run.groups?.property(index, filter.key);
    if (value === undefined) return { source: 'missing' };
    const fromRequest = index !== null && run.groups?.hasOverride(index, filter.key) === true;
    return { source: fromRequest ? 'request' : 'stored', seen: value };
  }

  /** Effective aggregation of the condition being recorded. */
  get #openGroup(): number | null {
    const flag = this.#program.byKey.get(this.#flag().key);
    return flag?.evaluator?.conditions[this.#condition().index]?.definition.aggregation ?? null;
  }
}
