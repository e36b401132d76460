import { textOf } from '@halyard/json';
import { compileRegex } from '@halyard/pattern';
import { packPrefix, variantBoundaries } from '../bucketing/bucketing.ts';
import { compilePersonFilter, type FilterScope } from '../compile/filter.ts';
import { ERROR } from '../operators/outcome.ts';
import type { PropertyTest } from '../operators/property-test.ts';
import type { CompiledPredicate, CompiledRule } from './configuration.ts';
import type { FiltersV2, PredicateDefinition, RuleDefinition } from './definition.ts';

export function compileRules({ rules }: FiltersV2, scope: FilterScope): readonly CompiledRule[] {
  return rules.map((rule) => compileRule(rule, scope));
}

/** Keys of the person properties that the predicates read: without them in the request, stored data are asked for (E184). */
export function predicateKeys({ rules }: FiltersV2): readonly string[] {
  const keys = new Set(rules.flatMap((rule) => rule.predicates.map((predicate) => predicate.key)));
  keys.delete('distinct_id'); // always known (E146)
  return [...keys];
}

function compileRule(definition: RuleDefinition, scope: FilterScope): CompiledRule {
  const experiment = definition.type === 'experiment' ? definition : null;
  const holdout = experiment?.holdout ?? null;
  return {
    definition,
    predicates: definition.predicates.map((predicate) => compilePredicate(predicate, scope)),
    prefix: definition.type === 'targeted_release' ? null : packPrefix(`${definition.rollout.seed}.`),
    holdoutPrefix: holdout === null ? null : packPrefix(holdout.seed),
    boundaries: variantBoundaries(experiment?.variants.map((variant) => variant.weight) ?? []),
  };
}

function compilePredicate(definition: PredicateDefinition, scope: FilterScope): CompiledPredicate {
  const filter = compilePersonFilter(definition, scope);
  return { ...filter, definition, matches: isBrokenRegex(definition) ? undecided(filter.matches) : filter.matches };
}

function isBrokenRegex({ operator, value }: PredicateDefinition): boolean {
  return isRegex(operator) && value !== undefined && !compileRegex(textOf(value)).valid;
}

export function isRegex(operator: string): boolean {
  return operator === 'regex' || operator === 'not_regex';
}

/** E183: conditions miss on a broken pattern (E104), rules cannot be decided. A property that is not set is decided before (E89). */
function undecided(matches: PropertyTest): PropertyTest {
  return (cell, moment) => (cell.value === undefined ? matches(cell, moment) : ERROR);
}
