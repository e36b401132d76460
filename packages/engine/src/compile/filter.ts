import type { FilterDefinition } from '../definitions/filter.ts';
import { int32FromText } from '../definitions/cohort-id.ts';
import { metadataName } from '../person-slot.ts';
import { Cell } from '../operators/cell.ts';
import { compileOperator } from '../operators/index.ts';
import { ERROR, MATCH, MISS, type Outcome } from '../operators/outcome.ts';
import type { OperatorSettings } from '../operators/property-test.ts';
import { type Run, SEEDED_FALSE } from '../run.ts';
import type { Slots } from './slots.ts';

/** E143: the filter's target failed, so the condition goes on as if the filter had passed. */
export const ASSUMED = 3;

export type FilterOutcome = Outcome | typeof ASSUMED;

/** A person, group or flag filter, ready to run. */
export interface CompiledFilter {
  readonly definition: FilterDefinition;
  /** Position of the flag it depends on; -1 when it depends on none. */
  readonly target: number;
  test(run: Run): FilterOutcome;
}

/** What a filter is compiled against. */
export interface FilterScope {
  readonly slots: Slots;
  readonly operators: OperatorSettings;
  /** Flag id → position in the Program. */
  positionOf(flagId: number): number | undefined;
}

/** Compiles a person filter, also for use in a cohort, where every property is a person's (E127). */
export function compilePersonFilter(definition: FilterDefinition, scope: FilterScope): CompiledFilter {
  const name = definition.type === 'person_metadata' ? metadataName(definition.key) : definition.key;
  const slot = scope.slots.person(name);
  const { lexicon } = slot;
  const matches = compileOperator(definition.operator ?? 'exact', definition.value, { ...scope.operators, lexicon });
  return {
    definition,
    target: -1,
    test(run) {
      const cell = slot.read(run);
      if (run.personUnknown && cell.value === undefined) return ERROR; // E88
      return matches(cell, run);
    },
  };
}

/** Compiles a group filter of the resolved group type index, `null` when unresolved (E8, E86). */
export function compileGroupFilter(
  definition: FilterDefinition,
  index: number | null,
  scope: FilterScope,
): CompiledFilter {
  const { key } = definition;
  if (index !== null) scope.slots.noteGroupKey(index, key);
  const matches = compileOperator(definition.operator ?? 'exact', definition.value, scope.operators);
  const cell = new Cell();
  return {
    definition,
    target: -1,
    test(run) {
      const groups = run.groups;
      const value = groups === null ? undefined : groups.property(index, key);
      if (value === undefined && groups?.isUnknown(index) === true) return ERROR; // E88
      cell.fill(value);
      return matches(cell, run);
    },
  };
}

/** Compiles a filter on another flag (E135). */
export function compileFlagFilter(definition: FilterDefinition, scope: FilterScope): CompiledFilter {
  const { value } = definition;
  const id = int32FromText(definition.key);
  const target = (id === null ? undefined : scope.positionOf(id)) ?? -1;
  const wellFormed =
    definition.operator === 'flag_evaluates_to' &&
    target >= 0 &&
    (typeof value === 'boolean' || typeof value === 'string');
  if (!wellFormed) return { definition, target, test: () => MISS };
  return {
    definition,
    target,
    test(run) {
      const recorded = run.recorded[target];
      if (recorded === undefined) return MISS;
      const actual = recorded === SEEDED_FALSE ? false : recorded.failed ? undefined : recorded.value;
      if (actual === undefined) return ASSUMED;
      const passes = value === true ? actual !== false : actual === value;
      return passes ? MATCH : MISS;
    },
  };
}
