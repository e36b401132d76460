import type { JsonValue } from '@halyard/json';
import { dateAfter, dateBefore, dateExact } from './dates/operators.ts';
import { exact, isNot } from './equality.ts';
import { between, gt, gte, lt, lte, notBetween } from './numbers.ts';
import { ERROR, MISS } from './outcome.ts';
import { isNotSet, isSet } from './presence.ts';
import type { OperatorCompiler, OperatorSettings, PropertyTest } from './property-test.ts';
import { notRegex, regex } from './regex.ts';
import {
  semverCaret,
  semverEq,
  semverGt,
  semverGte,
  semverLt,
  semverLte,
  semverNeq,
  semverTilde,
  semverWildcard,
} from './semver.ts';
import {
  icontains,
  icontainsMulti,
  iEndsWith,
  iStartsWith,
  notIcontains,
  notIcontainsMulti,
  notIEndsWith,
  notIStartsWith,
} from './substring.ts';

export type { OperatorSettings, PropertyTest } from './property-test.ts';

const miss: PropertyTest = () => MISS;
const error: PropertyTest = () => ERROR;

/** Operators that compare a property with a filter value. */
const COMPILERS: ReadonlyMap<string, OperatorCompiler> = new Map<string, OperatorCompiler>([
  ['exact', exact],
  ['is_not', isNot],
  ['icontains', icontains],
  ['not_icontains', notIcontains],
  ['icontains_multi', icontainsMulti],
  ['not_icontains_multi', notIcontainsMulti],
  ['starts_with', iStartsWith],
  ['not_starts_with', notIStartsWith],
  ['ends_with', iEndsWith],
  ['not_ends_with', notIEndsWith],
  ['regex', regex],
  ['not_regex', notRegex],
  ['gt', gt],
  ['gte', gte],
  ['lt', lt],
  ['lte', lte],
  ['between', between],
  ['not_between', notBetween],
  ['is_date_exact', dateExact],
  ['is_date_after', dateAfter],
  ['is_date_before', dateBefore],
  ['semver_eq', semverEq],
  ['semver_neq', semverNeq],
  ['semver_gt', semverGt],
  ['semver_gte', semverGte],
  ['semver_lt', semverLt],
  ['semver_lte', semverLte],
  ['semver_tilde', semverTilde],
  ['semver_caret', semverCaret],
  ['semver_wildcard', semverWildcard],
]);

/** Operators that look only at whether the property is set (E90). */
const PRESENCE: ReadonlyMap<string, PropertyTest> = new Map([
  ['is_set', isSet],
  ['is_not_set', isNotSet],
]);

/** Every operator a filter may name (E93), by its canonical name. */
export const OPERATORS: ReadonlySet<string> = new Set([
  ...COMPILERS.keys(),
  ...PRESENCE.keys(),
  'in',
  'not_in',
  'flag_evaluates_to',
]);

/** The name that E93 uses for an operator: `min` and `max` are old names of `gte` and `lte` (E7). */
export function canonicalOperator(name: string): string {
  if (name === 'min') return 'gte';
  return name === 'max' ? 'lte' : name;
}

/**
 * Compiles one property filter's operator and value (E93). Everything the value needs, such as sets, versions
 * and regexes, is made here, once; the test does the rest. Never throws, whatever the value.
 *
 * Operators that are not about a property (`in`, `not_in`, `flag_evaluates_to`) and unknown ones are always
 * an error (E94). A missing or null value never matches (E91).
 */
export function compileOperator(
  operator: string,
  value: JsonValue | undefined,
  settings: OperatorSettings,
): PropertyTest {
  const presence = PRESENCE.get(operator);
  if (presence !== undefined) return presence;
  const compile = COMPILERS.get(operator);
  if (compile === undefined) return error;
  return value === undefined || value === null ? miss : compile(value, settings);
}
