import { type JsonObject, member } from '@halyard/json';
import { textIn, textsIn } from './read-unleash.ts';

/** Something of Unleash's that cannot be said here; the message is why. */
export class NotExpressible extends Error {
  override readonly name = 'NotExpressible';
}

/** Filters that all have to hold, or the opposite of one. */
export interface Filters {
  readonly filters: readonly JsonObject[];
  /** The constraint holds where the filters do not: only a cohort can say that. */
  readonly negated: boolean;
}

/** What an SDK of Unleash knows by itself and no person has. */
const OF_THE_APPLICATION = new Set(['currentTime', 'environment', 'appName', 'remoteAddress', 'sessionId']);

/**
 * One constraint as filters.
 *
 * @throws {NotExpressible}
 */
export function constraintFilters(constraint: JsonObject): Filters {
  const field = textIn(constraint, 'contextName');
  if (OF_THE_APPLICATION.has(field)) throw new NotExpressible(`${field} is no property of a person`);
  const key = field === 'userId' ? 'distinct_id' : field;
  const operator = textIn(constraint, 'operator');
  const inverted = member(constraint, 'inverted') === true;
  if (operator === 'IN' || operator === 'NOT_IN') {
    const isIn = (operator === 'IN') !== inverted;
    return { filters: membership(key, textsIn(constraint, 'values'), isIn), negated: false };
  }
  if (operator.startsWith('STR_'))
    return { filters: [textFilter(key, operator, constraint, inverted)], negated: false };
  return { filters: comparison(key, operator, textIn(constraint, 'value')), negated: inverted };
}

/** Here a list of `true` and `false` compares truth instead of texts (E98), so a pattern has to say it. */
function membership(key: string, values: readonly string[], isIn: boolean): readonly JsonObject[] {
  if (values.length === 0) {
    if (!isIn) return [];
    throw new NotExpressible(`IN with no value lets nobody in`);
  }
  if (values.every((value) => /^(?:true|false)$/i.test(value))) {
    return [person(key, isIn ? 'regex' : 'not_regex', `^(?:${values.map(literal).join('|')})$`)];
  }
  return [person(key, isIn ? 'exact' : 'is_not', values)];
}

const PATTERNS: Readonly<Record<string, (text: string) => string>> = {
  STR_CONTAINS: (text) => text,
  STR_STARTS_WITH: (text) => `^${text}`,
  STR_ENDS_WITH: (text) => `${text}$`,
};

/** A pattern, for it can tell upper from lower case and has an opposite for all values together. */
function textFilter(key: string, operator: string, constraint: JsonObject, inverted: boolean): JsonObject {
  const pattern = PATTERNS[operator];
  const values = textsIn(constraint, 'values');
  if (pattern === undefined) throw new NotExpressible(`the operator ${operator} is not known`);
  if (values.length === 0) throw new NotExpressible(`${operator} with no value lets nobody in`);
  const flags = member(constraint, 'caseInsensitive') === true ? '(?i)' : '';
  return person(key, inverted ? 'not_regex' : 'regex', flags + pattern(`(?:${values.map(literal).join('|')})`));
}

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  // Two numbers are equal however they are written, which texts are not (E95).
  NUM_EQ: ['gte', 'lte'],
  NUM_GT: ['gt'],
  NUM_GTE: ['gte'],
  NUM_LT: ['lt'],
  NUM_LTE: ['lte'],
  DATE_AFTER: ['is_date_after'],
  DATE_BEFORE: ['is_date_before'],
  SEMVER_EQ: ['semver_eq'],
  SEMVER_GT: ['semver_gt'],
  SEMVER_LT: ['semver_lt'],
};

function comparison(key: string, operator: string, value: string): readonly JsonObject[] {
  const operators = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (operators === undefined) throw new NotExpressible(`the operator ${operator || 'of no name'} is not known`);
  const readable = operator.startsWith('NUM_')
    ? value.trim() !== '' && Number.isFinite(Number(value))
    : operator.startsWith('DATE_')
      ? !Number.isNaN(Date.parse(value))
      : /^\d+\.\d+\.\d+/.test(value);
  if (!readable) throw new NotExpressible(`${operator} cannot compare with ${JSON.stringify(value.slice(0, 40))}`);
  return operators.map((name) => person(key, name, operator.startsWith('NUM_') ? Number(value) : value));
}

/** A filter on a property of the person. */
export function person(key: string, operator: string, value: JsonObject[string]): JsonObject {
  return { key, type: 'person', operator, value };
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/#&~-]/g, String.raw`\$&`);
}
