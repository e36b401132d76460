import {
  ExactNumber,
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  NumberToken,
  parseDefinitions,
  parseTokens,
  sourceText,
} from '@halyard/json';

/*
 * Values of files are kept with every number as it is spelled (E95, E175): what comes out of the store goes through `tokensOf`, what
 * goes back through `definitionsOf`.
 */

/** A stored value with the spelling of its numbers. */
export function tokensOf(value: JsonValue): JsonValue {
  return parseTokens(sourceText(value));
}

/** A value of a file as definitions have it. */
export function definitionsOf(value: JsonValue): JsonValue {
  return parseDefinitions(codeText(value));
}

/** Compact JSON in which every number is spelled as it was. */
export function codeText(value: JsonValue): string {
  return written(value, numberOf);
}

/** Equal for values that are stored alike: whatever the order of members, and however jsonb would spell a number. */
export function storedForm(value: JsonValue): string {
  return written(ordered(value), (number) => storedNumber(numberOf(number)));
}

function written(value: JsonValue, number: (value: ExactNumber | number) => string): string {
  if (value instanceof ExactNumber || typeof value === 'number') return number(value);
  if (isList(value)) return `[${value.map((item) => written(item, number)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).map((key) => `${JSON.stringify(key)}:${written(value[key] ?? null, number)}`);
  return `{${members.join(',')}}`;
}

/** As it is spelled in a file. */
export function numberOf(value: ExactNumber | number): string {
  if (value instanceof NumberToken) return value.token;
  return value instanceof ExactNumber ? value.text : sourceText(value);
}

/** Beyond this, a number is left as it is: nobody means it, and written out it would be long. */
const LONGEST_EXPONENT = 400;

/** A number as jsonb keeps it: without exponent, and never minus zero. */
function storedNumber(token: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (match === null) return token;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > LONGEST_EXPONENT) return token;
  const digits = `${whole}${fraction}`;
  const point = whole.length + shift;
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0');
  const at = Math.max(1, point);
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(at);
  const text = rest === '' ? integer : `${integer}.${rest}`;
  return /[1-9]/.test(text) ? `${sign}${text}` : text;
}

/** Members in the order in which people read them; the others after these, by name. */
const ORDER = [
  '$schema',
  'id',
  'rule_type',
  'key',
  'name',
  'description',
  'active',
  'archived',
  'tags',
  'is_static',
  'cohort_type',
  'type',
  'operator',
  'value',
  'values',
  'negation',
  'evaluation_runtime',
  'evaluation_contexts',
  'ensure_experience_continuity',
  'bucketing_identifier',
  'is_remote_configuration',
  'has_encrypted_payloads',
  'has_experiment',
  'version',
  'return_type',
  'default_value',
  'targeting',
  'properties',
  'rollout_percentage',
  'exclusion_percentage',
  'weight',
  'variant',
  'filters',
  'groups',
  'rules',
  'multivariate',
  'variants',
  'payloads',
];
const RANKS: ReadonlyMap<string, number> = new Map(ORDER.map((name, rank) => [name, rank]));

/** The same value with the members of all objects in one order, whatever the store made of it. */
export function ordered(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  return objectFrom(
    Object.keys(value)
      .sort(byRank)
      .map((key) => [key, ordered(value[key] ?? null)]),
  );
}

function byRank(a: string, b: string): number {
  const difference = (RANKS.get(a) ?? ORDER.length) - (RANKS.get(b) ?? ORDER.length);
  return difference !== 0 ? difference : a < b ? -1 : 1;
}

/** An object in which `__proto__` is a member like any other. */
export function objectFrom(members: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries(members);
}
