import type { CohortDefinition, CohortNode } from '../definitions/cohort.ts';
import { isBehavioural } from '../definitions/cohort.ts';
import { MATCH } from '../operators/outcome.ts';
import type { FailureCode } from '../reasons.ts';
import type { Run } from '../run.ts';
import { compilePersonFilter, type FilterScope } from './filter.ts';

/** A cohort ready to be tested, with everything that is wrong with it found beforehand. */
export class CompiledCohort {
  readonly id: number;
  /** Why every flag that uses this cohort fails, or `null` (E126, E133). */
  problem: FailureCode | null = null;
  /** Has leaves about behaviour, which cannot be evaluated here (E129). */
  readonly behavioural: boolean;
  /** Its members are stored; any other cohort is computed from its definition, also a realtime one (E131). */
  readonly isStatic: boolean;
  /** Cohorts that must be resolved before this one (E132), in an order that works. */
  dependencies: readonly CompiledCohort[] = [];
  #member: (run: Run) => boolean = () => false;
  #value = false;
  #stamp = -1;

  constructor(definition: CohortDefinition) {
    this.id = definition.id;
    this.isStatic = definition.isStatic;
    this.behavioural = !this.isStatic && definition.root !== null && isBehavioural(definition.root);
    if (definition.unreadable) this.problem = 'cohort_filters_parsing_error';
    if (this.isStatic) this.#member = (run) => run.person?.staticCohorts.has(this.id) === true;
  }

  define(member: (run: Run) => boolean): void {
    this.#member = member;
  }

  /** Decides membership of this request's person. May set `run.failure`; the value then means nothing. */
  resolve(run: Run): void {
    for (const dependency of this.dependencies) dependency.#decide(run);
    this.#decide(run);
  }

  /** Membership as resolved for this request. */
  get isMember(): boolean {
    return this.#value;
  }

  #decide(run: Run): void {
    if (this.#stamp === run.stamp) return;
    this.#value = this.#member(run);
    // A failure inside is not remembered: another flag that uses this cohort must meet it again.
    this.#stamp = run.failure === null ? run.stamp : -1;
  }
}

/** A project's cohorts. Those that flags use are put into order when first asked for. */
export class Cohorts {
  readonly #cohorts: ReadonlyMap<number, CompiledCohort>;
  readonly #roots: ReadonlyMap<number, CohortNode | null>;
  readonly #ready = new Set<CompiledCohort>();

  constructor(definitions: readonly CohortDefinition[], scope: FilterScope) {
    this.#cohorts = new Map(definitions.map((definition) => [definition.id, new CompiledCohort(definition)]));
    this.#roots = new Map(definitions.map((definition) => [definition.id, definition.root]));
    for (const cohort of this.#cohorts.values()) {
      const root = this.#roots.get(cohort.id);
      if (cohort.isStatic || root === null || root === undefined) continue;
      cohort.define(compileNode(root, this.#cohorts, scope));
    }
  }

  /** The cohort of that id with its dependencies in order; `undefined` when the project has none such. */
  use(id: number): CompiledCohort | undefined {
    const cohort = this.#cohorts.get(id);
    if (cohort !== undefined && !this.#ready.has(cohort)) {
      this.#ready.add(cohort);
      resolveDependencies(cohort, this.#cohorts, this.#roots);
    }
    return cohort;
  }
}

function compileNode(
  node: CohortNode,
  cohorts: ReadonlyMap<number, CompiledCohort>,
  scope: FilterScope,
): (run: Run) => boolean {
  switch (node.kind) {
    case 'any': {
      const values = node.values.map((value) => compileNode(value, cohorts, scope));
      return (run) => values.some((value) => value(run));
    }
    case 'all': {
      const values = node.values.map((value) => compileNode(value, cohorts, scope));
      return (run) => values.every((value) => value(run));
    }
    case 'filter': {
      const { negation } = node;
      const filter = compilePersonFilter(node.filter, scope);
      return (run) => (filter.test(run) === MATCH) !== negation; // E92: an error is false, then negated
    }
    case 'cohort': {
      const cohort = cohorts.get(node.cohortId);
      const { operator, negation } = node;
      const wanted = operator === null || operator === 'in' ? true : operator === 'not_in' ? false : null; // E121
      if (cohort === undefined || wanted === null) return () => negation;
      return () => (cohort.isMember === wanted) !== negation;
    }
    case 'unsupported':
      return () => false;
    case 'malformed':
      return (run) => {
        run.failure = 'cohort_filters_parsing_error';
        return false;
      };
  }
}

/** Puts the cohorts that `start` uses, directly and through others, into resolving order; finds what is missing or circular. */
function resolveDependencies(
  start: CompiledCohort,
  cohorts: ReadonlyMap<number, CompiledCohort>,
  roots: ReadonlyMap<number, CohortNode | null>,
): void {
  const order: CompiledCohort[] = [];
  const state = new Map<number, 'open' | 'done'>();
  // An explicit stack, because a chain of cohorts may be as long as a project has cohorts.
  const stack: { cohort: CompiledCohort; next: readonly number[]; at: number }[] = [];
  const enter = (cohort: CompiledCohort): void => {
    state.set(cohort.id, 'open');
    const root = cohort.isStatic ? null : roots.get(cohort.id);
    stack.push({ cohort, next: root ? referencedCohorts(root) : [], at: 0 });
    if (cohort !== start && cohort.problem === 'cohort_filters_parsing_error') start.problem ??= cohort.problem;
  };
  enter(start);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const id = frame.next[frame.at++];
    if (id === undefined) {
      stack.pop();
      state.set(frame.cohort.id, 'done');
      if (frame.cohort !== start) order.push(frame.cohort);
      continue;
    }
    const cohort = cohorts.get(id);
    if (cohort === undefined) start.problem ??= 'dependency_not_found_cohort';
    else if (state.get(id) === 'open') start.problem ??= 'dependency_cycle_cohort';
    else if (state.get(id) === undefined) enter(cohort);
  }
  start.dependencies = order;
}

function referencedCohorts(node: CohortNode): number[] {
  if (node.kind === 'cohort') return [node.cohortId];
  if (node.kind === 'any' || node.kind === 'all') return node.values.flatMap(referencedCohorts);
  return [];
}
