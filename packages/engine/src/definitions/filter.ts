import { canonicalOperator, OPERATORS } from '../operators/index.ts';
import { type JsonValue, member } from '@halyard/json';
import { DefinitionError, int32At, objectAt, optional, stringAt } from './reader.ts';

export type FilterType = 'person' | 'person_metadata' | 'group' | 'cohort' | 'flag';

/** One test on one property, cohort or flag (E7). */
export interface FilterDefinition {
  readonly key: string;
  readonly type: FilterType;
  /** `undefined` = no value: absent or null. */
  readonly value: JsonValue | undefined;
  /** A name of E93; `null` when the definition names none. */
  readonly operator: string | null;
  readonly groupTypeIndex: number | null;
}

const TYPES: ReadonlySet<string> = new Set<FilterType>(['person', 'person_metadata', 'group', 'cohort', 'flag']);

/** Reads one filter; throws `DefinitionError` when it cannot be one (E9). */
export function parseFilter(value: JsonValue | undefined, path: string): FilterDefinition {
  const object = objectAt(value, path);
  const type = stringAt(member(object, 'type'), `${path}.type`);
  if (!TYPES.has(type)) throw new DefinitionError(`${path}.type`, `"${type}" is not a filter type`);
  const filterValue = member(object, 'value');
  return {
    key: stringAt(member(object, 'key'), `${path}.key`),
    type: type as FilterType,
    value: filterValue === null ? undefined : filterValue,
    operator: optional(member(object, 'operator'), `${path}.operator`, operatorAt),
    groupTypeIndex: optional(member(object, 'group_type_index'), `${path}.group_type_index`, int32At),
  };
}

function operatorAt(value: JsonValue, path: string): string {
  const name = canonicalOperator(stringAt(value, path));
  if (OPERATORS.has(name)) return name;
  throw new DefinitionError(path, `"${name}" is not an operator`);
}
