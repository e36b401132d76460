import { type CohortDefinition, type CohortNode, isBehavioural } from '../definitions/cohort.ts';
import type { CohortStep, CompiledCohort, MembershipTest } from '../program/cohort.ts';
import type { FailureCode } from '../reasons.ts';
import { compilePersonFilter, type FilterScope } from './filter.ts';

/** E121: the membership that lets a filter with this operator pass; `null` when none does. */
export function wantedMembership(operator: string | null): boolean | null {
  if (operator === null || operator === 'in') return true;
  return operator === 'not_in' ? false : null;
}

/** A project's cohorts. Those that flags use are compiled when first asked for, the others never. */
export class Cohorts {
  readonly #definitions: ReadonlyMap<number, CohortDefinition>;
  readonly #scope: FilterScope;
  readonly #used = new Map<number, CompiledCohort>();
  readonly #steps = new Map<number, CohortStep>();

  constructor(definitions: readonly CohortDefinition[], scope: FilterScope) {
    this.#definitions = new Map(definitions.map((definition) => [definition.id, definition]));
    this.#scope = scope;
  }

  /** How many places for memberships an evaluation needs. */
  get count(): number {
    return this.#steps.size;
  }

  /** The cohort of that id, with all it refers to; `undefined` when the project has none such. */
  use(id: number): CompiledCohort | undefined {
    const definition = this.#definitions.get(id);
    if (definition === undefined) return undefined;
    let cohort = this.#used.get(id);
    if (cohort === undefined) {
      cohort = this.#compile(definition);
      this.#used.set(id, cohort);
    }
    return cohort;
  }

  #compile(definition: CohortDefinition): CompiledCohort {
    const { order, problem } = this.#resolveDependencies(definition);
    // A cohort that cannot be resolved is never decided: the flags that use it fail.
    const steps = (problem === null ? order : []).map((each) => this.#step(each));
    const behavioural = definition.root !== null && isBehavioural(definition.root);
    return { number: steps.at(-1)?.number ?? -1, problem, behavioural, steps };
  }

  #step(definition: CohortDefinition): CohortStep {
    const { id } = definition;
    let step = this.#steps.get(id);
    if (step === undefined) {
      step = { number: this.#steps.size, id, test: this.#membershipOf(definition) };
      this.#steps.set(id, step);
    }
    return step;
  }

  /** E125: how membership is told; that of a realtime cohort by its definition too (E131). */
  #membershipOf({ id, isStatic, root }: CohortDefinition): MembershipTest {
    if (isStatic) return { kind: 'static', id };
    return root === null ? { kind: 'always', value: false } : this.#compileNode(root);
  }

  #compileNode(node: CohortNode): MembershipTest {
    switch (node.kind) {
      case 'any':
      case 'all':
        return { kind: node.kind, of: node.values.map((value) => this.#compileNode(value)) };
      case 'filter':
        return {
          kind: 'filter',
          filter: compilePersonFilter(node.filter, this.#scope),
          negation: node.negation,
        };
      case 'cohort': {
        const wanted = wantedMembership(node.operator);
        const step = this.#steps.get(node.cohortId); // there already, because steps are made in resolving order
        if (step === undefined || wanted === null) return { kind: 'always', value: node.negation };
        return { kind: 'cohort', number: step.number, wanted, negation: node.negation };
      }
      case 'unsupported':
        return { kind: 'always', value: false }; // E128
      case 'malformed':
        return { kind: 'malformed' };
    }
  }

  /** The cohorts to decide for this one, itself last, and why that cannot be done. */
  #resolveDependencies(start: CohortDefinition): {
    order: readonly CohortDefinition[];
    problem: FailureCode | null;
  } {
    let problem: FailureCode | null = null;
    const order: CohortDefinition[] = [];
    const state = new Map<number, 'open' | 'done'>();
    // An explicit stack, because a chain of cohorts may be as long as a project has cohorts.
    const stack: { definition: CohortDefinition; next: readonly number[]; at: number }[] = [];
    const enter = (definition: CohortDefinition): void => {
      state.set(definition.id, 'open');
      const { root } = definition;
      stack.push({ definition, next: root === null ? [] : referencedCohorts(root), at: 0 });
      if (definition.unreadable) problem ??= 'cohort_filters_parsing_error';
    };
    enter(start);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const id = frame.next[frame.at++];
      if (id === undefined) {
        stack.pop();
        state.set(frame.definition.id, 'done');
        order.push(frame.definition);
        continue;
      }
      const definition = this.#definitions.get(id);
      if (definition === undefined) problem ??= 'dependency_not_found_cohort';
      else if (state.get(id) === 'open') problem ??= 'dependency_cycle_cohort';
      else if (state.get(id) === undefined) enter(definition);
    }
    return { order, problem };
  }
}

function referencedCohorts(node: CohortNode): number[] {
  if (node.kind === 'cohort') return [node.cohortId];
  if (node.kind === 'any' || node.kind === 'all') return node.values.flatMap(referencedCohorts);
  return [];
}
