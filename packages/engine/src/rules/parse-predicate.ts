import { isList, type JsonValue } from '@halyard/json';
import { OPERATORS } from '../operators/index.ts';
import { Instant, readInstant } from '../operators/dates/read-instant.ts';
import { parseRelative } from '../operators/dates/relative.ts';
import { zoneOf } from '../operators/dates/zone.ts';
import { numberOf } from '../operators/numbers.ts';
import { readVersion, Version } from '../operators/version.ts';
import { ClosedObject, isObjectOf, isStringOrNull } from './closed-object.ts';
import type { PredicateDefinition } from './definition.ts';
import { plainValue } from './typed-value.ts';

const MEMBERS = [
  'key',
  'type',
  'value',
  'operator',
  'negation',
  'cohort_name',
  'label',
  'group_key_names',
  'group_type_index',
];
/** Filter types of conditions that ordered rules know and do not evaluate (E177). */
const UNSUPPORTED_TYPES: readonly JsonValue[] = ['cohort', 'group', 'flag'];
/** Operators of conditions that ordered rules refuse (E177). Their old names `min` and `max` are none here. */
const REFUSED_OPERATORS: ReadonlySet<string> = new Set(['between', 'not_between', 'in', 'not_in', 'flag_evaluates_to']);

/** Reads one predicate (E177, E178). A regex that does not compile is none of its business (E183). */
export function parsePredicate(given: JsonValue, path: string): PredicateDefinition {
  const predicate = new ClosedObject(given, path);
  const type = predicate.get('type');
  if (UNSUPPORTED_TYPES.includes(type ?? null)) {
    predicate.fail('type', `"${type as string}" is not supported in ordered rules`);
  }
  if (type !== 'person') predicate.fail('type', 'must be "person"');
  predicate.onlyHas(MEMBERS);
  const key = predicate.string('key');
  if (key === '') predicate.fail('key', 'must not be empty');
  const operator = operatorOf(predicate);
  checkPresentation(predicate);
  const value = predicate.get('value') ?? null;
  checkValue(predicate, operator, value);
  return {
    key,
    type: 'person',
    value: value === null ? undefined : plainValue(value),
    operator,
    groupTypeIndex: null,
    negation: negationOf(predicate),
  };
}

function operatorOf(predicate: ClosedObject): string {
  const operator = predicate.get('operator') ?? 'exact';
  if (typeof operator === 'string' && OPERATORS.has(operator) && !REFUSED_OPERATORS.has(operator)) return operator;
  return predicate.fail('operator', 'is not an operator of ordered rules');
}

function negationOf(predicate: ClosedObject): boolean {
  const negation = predicate.get('negation') ?? false;
  return typeof negation === 'boolean' ? negation : predicate.fail('negation', 'must be true or false');
}

/** Members for people who edit the rule; they decide nothing. */
function checkPresentation(predicate: ClosedObject): void {
  for (const key of ['cohort_name', 'label']) {
    if (predicate.has(key) && !isStringOrNull(predicate.get(key))) predicate.fail(key, 'must be a string or null');
  }
  if (predicate.has('group_key_names') && !isObjectOf(predicate.get('group_key_names'), isStringOrNull)) {
    predicate.fail('group_key_names', 'must be an object of strings');
  }
  if ((predicate.get('group_type_index') ?? null) !== null) predicate.fail('group_type_index', 'must be null');
}

/** E178: what each operator can compare with. */
function checkValue(predicate: ClosedObject, operator: string, value: JsonValue): void {
  const wanted = wantedOf(operator);
  if (wanted !== null && !wanted.test(value, operator)) predicate.fail('value', `must be ${wanted.what}`);
}

interface Wanted {
  readonly what: string;
  readonly test: (value: JsonValue, operator: string) => boolean;
}

const ANYTHING: ReadonlySet<string> = new Set(['exact', 'is_not', 'is_set', 'is_not_set']);
const TEXT: Wanted = { what: 'a string', test: (value) => typeof value === 'string' };
const LIST: Wanted = { what: 'a list', test: isList };
const BOUND: Wanted = {
  what: 'a string or a number',
  test: (value) => typeof value === 'string' || Number.isFinite(numberOf(value)),
};
const DATE: Wanted = { what: 'a date or a relative date such as "-7d"', test: isDate };
const VERSION: Wanted = { what: 'a version such as "1.2.3"', test: isVersion };

function wantedOf(operator: string): Wanted | null {
  if (ANYTHING.has(operator)) return null;
  if (operator.startsWith('semver_')) return VERSION;
  if (operator.startsWith('is_date_')) return DATE;
  if (operator.endsWith('_multi')) return LIST;
  return /^[gl]te?$/.test(operator) ? BOUND : TEXT;
}

const UTC = zoneOf('UTC');

/** A date as a property's would be read (E117), at any moment and in any zone: there is one, whenever that is. */
function isDate(value: JsonValue): boolean {
  return typeof value === 'string' && (parseRelative(value) !== undefined || readInstant(value, UTC, 0, new Instant()));
}

const INTEGER = /^\d+$/;

/** Up to three whole numbers before the first dash, and a version by E109; a wildcard without what ends it. */
function isVersion(value: JsonValue, operator: string): boolean {
  if (typeof value !== 'string') return false;
  const text = operator === 'semver_wildcard' ? value.replace(/[.*]+$/, '') : value;
  const numbers = (text.split('-', 1)[0] as string).split('.', 3);
  return numbers.every((part) => INTEGER.test(part)) && readVersion(text, new Version());
}
