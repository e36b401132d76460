import { operandProblem, type OperandProblem } from '@halyard/engine';
import { isList, isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';
import type { FilterProblems } from './place.ts';

/** What the checks need to know besides the filters, which have their normal shape. */
export interface CrossFieldOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the project, IANA name. */
  readonly timezone: string;
  /** Patterns that the flag had before: they are not judged again (M67). */
  readonly knownPatterns: ReadonlySet<string>;
}

/** How far the sum of the variants may be from 100. */
const tolerance = 0.01;

/** Checks that the parts of `filters` fit each other (M66, M67). */
export function checkCrossFields(filters: JsonObject, options: CrossFieldOptions, problems: FilterProblems): void {
  const variants = variantKeys(filters);
  if (variants !== null) checkVariants(filters, variants, problems);
  checkPayloads(filters, variants, problems);
  for (const [i, group] of listOf(filters, 'groups').entries()) {
    if (!isObject(group)) continue;
    const place = `groups[${i}]`;
    const variant = member(group, 'variant');
    if (typeof variant === 'string' && variant !== '' && variants?.includes(variant) !== true) {
      problems.crossField(
        'group_variant_not_a_variant',
        `${place}.variant`,
        `"${variant}" is no variant of this flag.`,
      );
    }
    const aggregation = member(group, 'aggregation_group_type_index') ?? null;
    for (const [at, property] of listOf(group, 'properties').entries()) {
      if (isObject(property)) checkProperty(property, aggregation, `${place}.properties[${at}]`, options, problems);
    }
  }
}

function listOf(object: JsonObject, name: string): readonly JsonValue[] {
  const list = member(object, name);
  return isList(list) ? list : [];
}

/** Null: the flag has no variants. */
export function variantKeys(filters: JsonObject): readonly string[] | null {
  const multivariate = member(filters, 'multivariate');
  if (!isObject(multivariate)) return null;
  return listOf(multivariate, 'variants').map((variant) => {
    const key = isObject(variant) ? member(variant, 'key') : undefined;
    return typeof key === 'string' ? key : '';
  });
}

function checkVariants(filters: JsonObject, keys: readonly string[], problems: FilterProblems): void {
  const place = 'multivariate.variants';
  if (new Set(keys).size < keys.length) {
    problems.crossField('variant_keys_not_unique', place, 'Every variant needs a key of its own.');
  }
  const variants = listOf(member(filters, 'multivariate') as JsonObject, 'variants');
  const sum = variants.reduce<number>((total, variant) => {
    const share = isObject(variant) ? member(variant, 'rollout_percentage') : 0;
    return total + (typeof share === 'number' ? share : 0);
  }, 0);
  if (Math.abs(sum - 100) > tolerance) {
    const shown = Number(sum.toFixed(4));
    problems.crossField('variant_rollout_sum_not_100', place, `Shares of variants must add up to 100, not ${shown}.`);
  }
}

function checkPayloads(filters: JsonObject, variants: readonly string[] | null, problems: FilterProblems): void {
  const payloads = member(filters, 'payloads');
  if (!isObject(payloads)) return;
  for (const key of Object.keys(payloads)) {
    if (variants === null) {
      if (key === 'true') continue;
      const sentence = 'A flag without variants has one payload, whose key is "true".';
      problems.crossField('payload_key_not_true', `payloads.${key}`, sentence);
    } else if (!variants.includes(key)) {
      problems.crossField('payload_key_not_a_variant', `payloads.${key}`, `"${key}" is no variant of this flag.`);
    }
  }
}

const ofPersons = new Set<JsonValue | undefined>(['person', 'person_metadata', 'cohort', 'flag']);

function checkProperty(
  property: JsonObject,
  aggregation: JsonValue,
  place: string,
  options: CrossFieldOptions,
  problems: FilterProblems,
): void {
  const type = member(property, 'type');
  const operator = member(property, 'operator') ?? null;
  if (aggregation === null) {
    if (!ofPersons.has(type)) {
      const sentence = 'A condition on persons cannot ask for properties of groups.';
      problems.crossField('person_aggregation_property_type', `${place}.type`, sentence);
    }
  } else if (type !== 'group') {
    const sentence = 'A condition on groups can only ask for properties of groups.';
    problems.crossField('group_aggregation_property_type', `${place}.type`, sentence);
  } else if ((member(property, 'group_type_index') ?? aggregation) !== aggregation) {
    const sentence = `The condition is about group type ${textOf(aggregation)}.`;
    problems.crossField('group_property_type_index_mismatch', `${place}.group_type_index`, sentence);
  }
  if (type === 'flag' && operator !== 'flag_evaluates_to') {
    const sentence = 'A filter on a flag needs the operator "flag_evaluates_to".';
    problems.crossField('flag_property_requires_flag_evaluates_to', `${place}.operator`, sentence);
  }
  if (type !== 'flag' && operator === 'flag_evaluates_to') {
    const sentence = '"flag_evaluates_to" is for filters on flags.';
    problems.crossField('flag_property_requires_flag_evaluates_to', `${place}.type`, sentence);
  }
  if (type !== 'cohort' && (operator === 'in' || operator === 'not_in')) {
    problems.crossField('in_not_in_requires_cohort', `${place}.operator`, `"${operator}" is for cohorts.`);
  }
  const value = member(property, 'value');
  const wrong =
    typeof operator === 'string' && type !== 'cohort' && type !== 'flag'
      ? operandProblem(operator, value, options)
      : null;
  if (wrong !== null) refuseOperand(wrong, value, `${place}.value`, options, problems);
}

function refuseOperand(
  wrong: OperandProblem,
  value: JsonValue | undefined,
  place: string,
  { knownPatterns }: CrossFieldOptions,
  problems: FilterProblems,
): void {
  switch (wrong) {
    case 'regex_not_text':
      problems.crossField('operator_requires_string_value', place, 'A regular expression must be a string.');
      break;
    case 'regex_broken':
      if (typeof value === 'string' && knownPatterns.has(value)) return;
      problems.other('invalid_input', place, 'This is not a valid regular expression.');
      break;
    case 'date_not_readable':
      problems.crossField('date_value_not_parseable', place, 'This is no date, such as "2026-11-20" or "-7d".');
      break;
    case 'version_not_readable':
      problems.crossField('semver_value_invalid', place, 'This is no version, such as "1.2.3".');
      break;
  }
}
