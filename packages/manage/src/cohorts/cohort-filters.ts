import { canonicalOperator, operandProblem, operatorNames } from '@halyard/engine';
import { isList, isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';
import { kindOf } from '../coercions.ts';
import { cohortIdOf } from '../filters/walk.ts';
import { invalid, type Problem } from '../refusal.ts';

const deepest = 64;
const leafMembers = new Set(['key', 'type', 'value', 'operator', 'negation']);
const withoutValue = new Set(['is_set', 'is_not_set']);
const ofOtherKinds = new Set(['in', 'not_in', 'flag_evaluates_to']);
const behaviour = new Set<JsonValue | undefined>(['behavioral', 'behavioural', 'lifecycle', 'event']);

export interface CohortFilterOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** IANA name. */
  readonly timezone: string;
}

/** What is wrong with the `filters` of a cohort (M107), each with its place. */
export function cohortFilterProblems(filters: JsonObject, options: CohortFilterOptions): readonly Problem[] {
  const problems: Problem[] = [];
  const refuse = (place: string, sentence: string, code = 'invalid_input') =>
    void problems.push(invalid(code, `${place}: ${sentence}`, 'filters'));
  const node = (value: JsonValue, place: string, depth: number): void => {
    if (!isObject(value)) return refuse(place, `Must be an object, not ${kindOf(value)}.`);
    const type = member(value, 'type');
    if (type !== 'AND' && type !== 'OR') return leaf(value, place);
    if (depth > deepest) return refuse(place, `Groups may be nested ${deepest} levels deep.`);
    unknownMembers(value, ['type', 'values'], place);
    const values = member(value, 'values');
    if (!isList(values)) return refuse(`${place}.values`, 'Must be a list.');
    for (const [i, inner] of values.entries()) node(inner, `${place}.values[${i}]`, depth + 1);
  };
  const leaf = (value: JsonObject, place: string): void => {
    const type = member(value, 'type');
    if (behaviour.has(type)) {
      return refuse(place, 'Cohorts about behaviour are not supported: there are no events to decide by.');
    }
    unknownMembers(value, leafMembers, place);
    const negation = member(value, 'negation') ?? false;
    if (typeof negation !== 'boolean') refuse(`${place}.negation`, 'Must be true or false.');
    if (type === 'cohort') {
      if (cohortIdOf(member(value, 'value')) === null) refuse(`${place}.value`, 'Must be the id of a cohort.');
      if (member(value, 'key') !== 'id') refuse(`${place}.key`, 'Must be "id".');
    } else if (type === 'person' || type === 'person_metadata') property(value, place);
    else refuse(`${place}.type`, 'Must be AND, OR, person, person_metadata or cohort.', 'invalid_choice');
  };
  const property = (value: JsonObject, place: string): void => {
    const key = member(value, 'key');
    if (typeof key !== 'string' || key === '') refuse(`${place}.key`, 'Must be the name of a property.');
    const given = member(value, 'operator') ?? 'exact';
    const operator = typeof given === 'string' ? canonicalOperator(given) : '';
    if (!operatorNames.has(operator) || ofOtherKinds.has(operator)) {
      return refuse(`${place}.operator`, `"${textOf(given).slice(0, 100)}" is not an operator.`, 'invalid_choice');
    }
    const operand = member(value, 'value') ?? null;
    if (operand === null && !withoutValue.has(operator)) return refuse(`${place}.value`, 'This field is required.');
    if (operandProblem(operator, operand, options) !== null) {
      refuse(`${place}.value`, `The operator "${operator}" cannot use this value.`);
    }
  };
  const unknownMembers = (value: JsonObject, known: ReadonlySet<string> | readonly string[], place: string): void => {
    const names = new Set(known);
    const unknown = Object.keys(value).filter((name) => !names.has(name));
    if (unknown.length > 0) refuse(place, `Unknown members: ${unknown.slice(0, 5).join(', ')}.`);
  };
  const root = member(filters, 'properties');
  if (!isObject(root)) refuse('properties', 'Must be an object with type AND or OR and a list of values.');
  else if (Object.keys(root).length > 0) {
    const type = member(root, 'type');
    if (type !== 'AND' && type !== 'OR') refuse('properties.type', 'Must be AND or OR.', 'invalid_choice');
    else node(root, 'properties', 1);
  }
  return problems;
}
