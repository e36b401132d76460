import { int32FromText } from '../definitions/cohort-id.ts';
import type { FilterDefinition } from '../definitions/filter.ts';
import { compileOperator } from '../operators/index.ts';
import type { OperatorSettings } from '../operators/property-test.ts';
import type { CompiledFilter, FlagFilter, GroupFilter, PersonFilter } from '../program/filter.ts';
import { metadataName } from '../program/property.ts';
import type { Slots } from './slots.ts';

/** What a filter is compiled against. */
export interface FilterScope {
  readonly slots: Slots;
  readonly operators: OperatorSettings;
  /** Flag id → the flag's position in the Program and its key. */
  flagOf(flagId: number): { readonly position: number; readonly key: string } | undefined;
}

/** Compiles a filter of a condition that aggregates by that group type index (`null`: by person); `next` comes after it. */
export function compileFilter(
  filter: FilterDefinition,
  aggregation: number | null,
  scope: FilterScope,
  next: CompiledFilter | null,
): CompiledFilter {
  if (filter.type === 'flag') return compileFlagFilter(filter, scope, next);
  if (filter.type === 'group') return compileGroupFilter(filter, filter.groupTypeIndex ?? aggregation, scope, next); // E8
  return compilePersonFilter(filter, scope, next);
}

export function compilePersonFilter(
  definition: FilterDefinition,
  { slots, operators }: FilterScope,
  next: CompiledFilter | null = null,
): PersonFilter {
  const property = slots.person(personKeyOf(definition));
  const settings = { ...operators, lexicon: property.lexicon };
  const matches = compileOperator(definition.operator ?? 'exact', definition.value, settings);
  return { kind: 'person', definition, property, matches, place: property.number, next };
}

/** The name under which a person filter's property stands (E87). */
export function personKeyOf({ type, key }: FilterDefinition): string {
  return type === 'person_metadata' ? metadataName(key) : key;
}

function compileGroupFilter(
  definition: FilterDefinition,
  index: number | null,
  { slots, operators }: FilterScope,
  next: CompiledFilter | null,
): GroupFilter {
  const property = index === null ? null : slots.group(index, definition.key);
  const settings = property === null ? operators : { ...operators, lexicon: property.lexicon };
  const matches = compileOperator(definition.operator ?? 'exact', definition.value, settings);
  return { kind: 'group', definition, property, matches, place: property?.number ?? slots.unresolved(), next };
}

function compileFlagFilter(definition: FilterDefinition, scope: FilterScope, next: CompiledFilter | null): FlagFilter {
  const { value, operator, key } = definition;
  const id = int32FromText(key);
  const flag = id === null ? undefined : scope.flagOf(id);
  const askable = typeof value === 'boolean' || typeof value === 'string';
  return {
    kind: 'flag',
    definition,
    target: flag?.position ?? -1,
    targetKey: flag?.key ?? key,
    wanted: flag !== undefined && operator === 'flag_evaluates_to' && askable ? value : null,
    next,
  };
}
