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

/** Compiles a filter of a condition that aggregates by that group type index (`null`: by person). */
export function compileFilter(
  filter: FilterDefinition,
  aggregation: number | null,
  scope: FilterScope,
): CompiledFilter {
  if (filter.type === 'flag') return compileFlagFilter(filter, scope);
  if (filter.type === 'group') return compileGroupFilter(filter, filter.groupTypeIndex ?? aggregation, scope); // E8
  return compilePersonFilter(filter, scope);
}

export function compilePersonFilter(definition: FilterDefinition, { slots, operators }: FilterScope): PersonFilter {
  const property = slots.person(personKeyOf(definition));
  const settings = { ...operators, lexicon: property.lexicon };
  const matches = compileOperator(definition.operator ?? 'exact', definition.value, settings);
  return { kind: 'person', definition, property, matches };
}

/** The name under which a person filter's property stands (E87). */
export function personKeyOf({ type, key }: FilterDefinition): string {
  return type === 'person_metadata' ? metadataName(key) : key;
}

function compileGroupFilter(
  definition: FilterDefinition,
  index: number | null,
  { slots, operators }: FilterScope,
): GroupFilter {
  const property = index === null ? null : slots.group(index, definition.key);
  const settings = property === null ? operators : { ...operators, lexicon: property.lexicon };
  const matches = compileOperator(definition.operator ?? 'exact', definition.value, settings);
  return { kind: 'group', definition, property, matches };
}

function compileFlagFilter(definition: FilterDefinition, scope: FilterScope): FlagFilter {
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
  };
}
