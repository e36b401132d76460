import { canonicalOperator, operatorNames } from '@halyard/engine';
import { ExactNumber, isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';
import { shown } from '../coercions.ts';
import type { FilterProblems } from './place.ts';
import { flagOrNull, int32OrNull } from './scalars.ts';

const types = new Set(['person', 'cohort', 'group', 'flag', 'person_metadata']);

/** One filter of a condition in the form that is stored (M62). */
export function normalProperty(value: JsonValue, place: string, problems: FilterProblems): JsonValue {
  if (!isObject(value)) {
    problems.wrongType(place, 'an object', value);
    return value;
  }
  const normal: Record<string, JsonValue> = { ...value };
  const key = member(value, 'key');
  if (typeof key === 'number' || key instanceof ExactNumber) normal['key'] = textOf(key);
  else if (typeof key !== 'string') problems.wrongType(`${place}.key`, 'a string', key);
  checkType(value, place, problems);
  const operator = member(value, 'operator') ?? null;
  if (operator !== null) normal['operator'] = normalOperator(operator, `${place}.operator`, problems);
  int32OrNull(member(value, 'group_type_index'), `${place}.group_type_index`, problems);
  flagOrNull(member(value, 'negation'), `${place}.negation`, problems);
  return normal;
}

function checkType(property: JsonObject, place: string, problems: FilterProblems): void {
  const type = member(property, 'type');
  if (typeof type !== 'string') problems.wrongType(`${place}.type`, 'a string', type);
  else if (!types.has(type)) {
    problems.structural(`${place}.type`, 'invalid_choice', `"${shown(type)}" is not a type of filter.`);
  }
}

function normalOperator(operator: JsonValue, place: string, problems: FilterProblems): JsonValue {
  if (typeof operator !== 'string') {
    problems.wrongType(place, 'a string', operator);
    return operator;
  }
  const name = canonicalOperator(operator);
  if (!operatorNames.has(name)) {
    problems.structural(place, 'invalid_choice', `"${shown(operator)}" is not an operator.`);
  }
  return name;
}
