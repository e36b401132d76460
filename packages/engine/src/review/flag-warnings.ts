import type { JsonValue } from '@halyard/json';
import { type FlagDefinition, isOutside, parseFlag } from '../definitions/flag.ts';
import { DefinitionError } from '../definitions/reader.ts';
import { conditionWarnings } from './condition-warnings.ts';
import { type PropertyKnowledge, propertyWarnings, repeatedWarnings, testWarnings } from './filter-warnings.ts';
import { payloadWarnings } from './payload-warnings.ts';
import { redistributionWarnings } from './redistribution.ts';
import { ruleWarnings } from './rule-warnings.ts';
import { variantWarnings } from './variant-warnings.ts';
import type { FlagWarning } from './warning.ts';

export type { PropertyKnowledge } from './filter-warnings.ts';
export type { FlagWarning, WarningCode } from './warning.ts';

export interface WarningContext {
  /** The flag as it is stored; `null`: it is about to be made. Absent: nothing is about to change. */
  readonly before?: JsonValue | null;
  /** What is known of people's properties; absent: nothing. */
  readonly properties?: PropertyKnowledge;
}

/** What the author of a flag hardly meant (K14). Empty for a flag that cannot be read: that is an error, and the compiler's to tell. */
export function flagWarnings(flag: JsonValue, { before, properties }: WarningContext = {}): readonly FlagWarning[] {
  const definition = readable(flag);
  if (definition === null) return [];
  const old = before === undefined || before === null ? null : readable(before);
  return [
    ...ownWarnings(definition, properties),
    ...(before === null ? creationWarnings(definition) : []),
    ...(old === null ? [] : redistributionWarnings(old, definition)),
  ];
}

function readable(flag: JsonValue): FlagDefinition | null {
  try {
    return isOutside(flag) ? null : parseFlag(flag);
  } catch (error) {
    if (error instanceof DefinitionError) return null;
    throw error;
  }
}

function ownWarnings(flag: FlagDefinition, properties: PropertyKnowledge | undefined): readonly FlagWarning[] {
  const { filters } = flag;
  if (filters.version === 'unsupported') return [];
  const lists =
    filters.version === 1
      ? filters.conditions.map((condition, i) => ({
          filters: condition.filters,
          path: `filters.groups[${i}].properties`,
        }))
      : filters.rules.map((rule, i) => ({
          filters: rule.predicates,
          path: `filters.rules[${i}].targeting.properties`,
        }));
  return [
    ...(filters.version === 1
      ? [...conditionWarnings(filters), ...variantWarnings(filters), ...payloadWarnings(flag, filters)]
      : ruleWarnings(filters)),
    ...lists.flatMap((list) => repeatedWarnings(list.filters, list.path)),
    ...lists.flatMap((list) => testWarnings(list.filters, list.path)),
    ...(properties === undefined ? [] : lists.flatMap((list) => propertyWarnings(list.filters, list.path, properties))),
  ];
}

function creationWarnings({ active, filters }: FlagDefinition): readonly FlagWarning[] {
  if (!active || filters.version !== 1) return [];
  const at = filters.conditions.findIndex((condition) => condition.filters.length === 0 && condition.rollout >= 100);
  if (at < 0) return [];
  return [
    {
      code: 'everybody_from_the_start',
      path: `filters.groups[${at}].rollout_percentage`,
      message: 'the flag is on for everybody from its first moment',
    },
  ];
}
