import type { JsonValue } from '@halyard/json';
import { wantedMembership } from '../compile/cohort.ts';
import { cohortId } from '../definitions/cohort-id.ts';
import type { FilterDefinition } from '../definitions/filter.ts';
import { parseRelative } from '../operators/dates/relative.ts';
import type { Names } from './names.ts';
import { givenWords, itemsOf, listWords, patternWords, valueWords, worded } from './words.ts';

/**
 * One filter as the clause behind `people`: `whose plan is pro`, `who are in the cohort Beta`, `for whom the flag x is on`.
 *
 * @param aggregation the group type index that the condition is about; null: persons
 */
export function filterWords(filter: FilterDefinition, aggregation: number | null, names: Names): string {
  switch (filter.type) {
    case 'cohort':
      return cohortWords(filter, names);
    case 'flag':
      return flagWords(filter, names);
    default:
      return `whose ${propertyWords(filter, aggregation, names)} ${testWords(filter)}`;
  }
}

/** Why a filter is true for nobody, whatever they have; `null`: it may be true (E91, E94, E121, E135). */
export function neverTrue({ type, operator, value, key }: FilterDefinition): string | null {
  const name = operator ?? '';
  switch (type) {
    case 'cohort':
      return wantedMembership(operator) === null ? `${name} is no operator of cohorts` : null;
    case 'flag':
      if (operator !== 'flag_evaluates_to') return `${name === '' ? 'exact' : name} is no operator of flags`;
      return typeof value === 'boolean' || typeof value === 'string' ? null : 'no value of a flag is asked for';
    default:
      if (type === 'person_metadata' && key !== 'created_at') return 'persons have no such column';
      if (NOT_OF_PROPERTIES.has(name)) return `${name} is no operator of properties`;
      return value === undefined && !PRESENCE.has(name) ? 'there is no value to compare with' : null;
  }
}

const PRESENCE = new Set(['is_set', 'is_not_set']);
const NOT_OF_PROPERTIES = new Set(['in', 'not_in', 'flag_evaluates_to']);

/** What a test says of a property, without the property: `is at least 3`. */
export function testWords(filter: FilterDefinition): string {
  const never = neverTrue(filter);
  if (never !== null) return `passes a test that is never true (${never})`;
  const operator = filter.operator ?? 'exact';
  const words = TESTS[operator];
  // `neverTrue` leaves only operators of properties, all of which stand in the table.
  if (words === undefined) return `passes ${operator}`;
  return words(filter.value ?? null);
}

type Words = (value: JsonValue) => string;

const one =
  (verb: string): Words =>
  (value) =>
    `${verb} ${valueWords(value)}`;

const anyOf =
  (single: string, several: string): Words =>
  (value) => {
    const items = itemsOf(value);
    return items.length === 1
      ? `${single} ${valueWords(items[0] ?? null)}`
      : `${several} ${listWords(items.map(valueWords))}`;
  };

/** E89: also true of a property that is not set. */
const orUnset =
  (words: Words): Words =>
  (value) =>
    `${words(value)} (or is not set)`;

const range =
  (verb: string): Words =>
  (value) => {
    const [low = null, high = null] = itemsOf(value);
    return `${verb} ${valueWords(low)} and ${valueWords(high)}`;
  };

const date =
  (verb: string): Words =>
  (value) =>
    `${verb} ${typeof value === 'string' ? dateWords(value) : valueWords(value)}`;

const pattern =
  (verb: string): Words =>
  (value) =>
    `${verb} the pattern ${patternWords(value)}`;

/** By the names of E93. */
const TESTS: Readonly<Record<string, Words>> = {
  exact: anyOf('is', 'is one of'),
  is_not: orUnset(anyOf('is not', 'is none of')),
  icontains: one('contains'),
  not_icontains: orUnset(one('does not contain')),
  icontains_multi: anyOf('contains', 'contains one of'),
  not_icontains_multi: orUnset(anyOf('does not contain', 'contains none of')),
  starts_with: one('starts with'),
  not_starts_with: orUnset(one('does not start with')),
  ends_with: one('ends with'),
  not_ends_with: orUnset(one('does not end with')),
  regex: pattern('matches'),
  not_regex: orUnset(pattern('does not match')),
  gt: one('is greater than'),
  gte: one('is at least'),
  lt: one('is less than'),
  lte: one('is at most'),
  between: range('is between'),
  not_between: orUnset(range('is not between')),
  is_set: () => 'is set',
  is_not_set: () => 'is not set',
  is_date_exact: date('is the moment'),
  is_date_after: date('is after'),
  is_date_before: date('is before'),
  semver_eq: one('is version'),
  semver_neq: one('is another version than'),
  semver_gt: one('is a version above'),
  semver_gte: one('is at least version'),
  semver_lt: one('is a version below'),
  semver_lte: one('is at most version'),
  semver_tilde: (value) => `is a version in the range of ~${valueWords(value)}`,
  semver_caret: (value) => `is a version in the range of ^${valueWords(value)}`,
  semver_wildcard: one('is a version like'),
};

const UNITS = { h: 'hour', d: 'day', w: 'week', m: 'month', y: 'year' } as const;

/** E118: `-7d` and `7d` are seven days before the evaluation. */
function dateWords(text: string): string {
  const relative = parseRelative(text);
  if (relative === undefined) return worded(text);
  return `${relative.count} ${UNITS[relative.unit]}${relative.count === 1 ? '' : 's'} ago`;
}

function propertyWords({ type, key, groupTypeIndex }: FilterDefinition, aggregation: number | null, names: Names) {
  if (type === 'person_metadata' && key === 'created_at') return 'creation time';
  if (type !== 'group') return aggregation === null ? worded(key) : `person's ${worded(key)}`;
  const index = groupTypeIndex ?? aggregation; // E8
  if (index === aggregation && index !== null) return worded(key);
  return `${index === null ? 'group' : groupTypeWords(index, names)}'s ${worded(key)}`;
}

export function groupTypeWords(index: number, names: Names): string {
  const name = names.groupType(index);
  return name === undefined ? `group type ${index} (which there is not)` : worded(name);
}

function cohortWords(filter: FilterDefinition, names: Names): string {
  const id = cohortId(filter.value);
  const name = id === null ? undefined : names.cohort(id);
  const which =
    id === null
      ? `${filter.value === undefined ? 'of no number' : givenWords(filter.value)}, which is none`
      : name === undefined
        ? `${id}, which there is not`
        : name === ''
          ? String(id)
          : worded(name);
  const wanted = wantedMembership(filter.operator);
  if (wanted === null) return `who pass a test that is never true (${neverTrue(filter) ?? ''})`;
  return `who are ${wanted ? '' : 'not '}in the cohort ${which}`;
}

function flagWords(filter: FilterDefinition, names: Names): string {
  const key = names.flag(filter.key);
  const which = key === undefined ? `${worded(filter.key)}, which there is not,` : worded(key);
  const never = neverTrue(filter);
  if (never !== null) return `for whom a test of the flag ${which} is never true (${never})`;
  const { value = null } = filter;
  if (typeof value === 'boolean') return `for whom the flag ${which} is ${value ? 'on' : 'off'}`;
  return `for whom the flag ${which} is ${givenWords(value)}`;
}
