import { ExactNumber, isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { FilterProblems } from './place.ts';
import { normalPayloads } from './payloads.ts';
import { normalProperty } from './property-shape.ts';
import { flagOrNull, int32OrNull, percentage } from './scalars.ts';

const variantKey = /^[A-Za-z0-9_./-]{1,400}$/;

/**
 * Checks the shape of `filters` and brings it into the form that is stored (M62, M64, M65). Members that are not known are kept (M63).
 * Where there are problems the result is of no use.
 */
export function normalFilters(filters: JsonObject, problems: FilterProblems): JsonObject {
  if (Object.hasOwn(filters, 'version')) {
    problems.structural('version', 'reserved_config_version', 'The configuration version cannot be set here.');
  }
  const normal: Record<string, JsonValue> = { ...filters };
  const given = member(filters, 'groups');
  const own = member(filters, 'aggregation_group_type_index');
  const flagIndex = int32OrNull(own, 'aggregation_group_type_index', problems);
  if (given !== undefined && !isList(given)) problems.wrongType('groups', 'a list of condition groups', given);
  const groups = isList(given) ? given.map((group, i) => normalGroup(group, i, flagIndex, problems)) : [];
  normal['groups'] = groups;
  if (groups.length > 0 || own !== undefined) normal['aggregation_group_type_index'] = commonIndex(groups, flagIndex);
  if (Object.hasOwn(filters, 'multivariate')) {
    normal['multivariate'] = normalMultivariate(member(filters, 'multivariate') ?? null, problems);
  }
  if (Object.hasOwn(filters, 'payloads')) {
    normal['payloads'] = normalPayloads(member(filters, 'payloads') ?? null, problems);
  }
  for (const name of ['feature_enrollment', 'early_exit']) flagOrNull(member(filters, name), name, problems);
  checkHoldout(member(filters, 'holdout'), problems);
  return withoutRetired(normal);
}

function normalGroup(value: JsonValue, at: number, flagIndex: number | null, problems: FilterProblems): JsonValue {
  const place = `groups[${at}]`;
  if (!isObject(value)) {
    problems.wrongType(place, 'an object', value);
    return value;
  }
  const normal: Record<string, JsonValue> = { ...value };
  const properties = member(value, 'properties') ?? null;
  if (properties !== null && !isList(properties)) problems.wrongType(`${place}.properties`, 'a list', properties);
  normal['properties'] = isList(properties)
    ? properties.map((property, i) => normalProperty(property, `${place}.properties[${i}]`, problems))
    : [];
  const rollout = member(value, 'rollout_percentage');
  if (rollout !== undefined && rollout !== null) {
    normal['rollout_percentage'] = percentage(rollout, `${place}.rollout_percentage`, problems);
  }
  const variant = member(value, 'variant') ?? null;
  if (variant !== null && typeof variant !== 'string') problems.wrongType(`${place}.variant`, 'a string', variant);
  const own = member(value, 'aggregation_group_type_index');
  normal['aggregation_group_type_index'] =
    own === undefined ? flagIndex : int32OrNull(own, `${place}.aggregation_group_type_index`, problems);
  return normal;
}

/** M64: what all groups aggregate by, null where they differ; without groups what the flag says. */
function commonIndex(groups: readonly JsonValue[], flagIndex: number | null): JsonValue {
  const indexes = groups.map((group) =>
    isObject(group) ? (member(group, 'aggregation_group_type_index') ?? null) : null,
  );
  const [first = flagIndex] = indexes;
  return indexes.every((index) => index === first) ? first : null;
}

function normalMultivariate(value: JsonValue, problems: FilterProblems): JsonValue {
  if (value === null) return null;
  if (!isObject(value)) {
    problems.wrongType('multivariate', 'an object', value);
    return value;
  }
  const variants = member(value, 'variants');
  if (!isList(variants)) {
    problems.wrongType('multivariate.variants', 'a list', variants);
    return value;
  }
  if (variants.length === 0) {
    problems.structural('multivariate.variants', 'empty', 'A multivariate flag needs at least one variant.');
  }
  return { ...value, variants: variants.map((variant, i) => normalVariant(variant, i, problems)) };
}

function normalVariant(value: JsonValue, at: number, problems: FilterProblems): JsonValue {
  const place = `multivariate.variants[${at}]`;
  if (!isObject(value)) {
    problems.wrongType(place, 'an object', value);
    return value;
  }
  const key = member(value, 'key');
  if (typeof key !== 'string') problems.wrongType(`${place}.key`, 'a string', key);
  else if (!variantKey.test(key)) {
    problems.structural(
      `${place}.key`,
      'invalid_key',
      'A variant key has 1 to 400 letters, digits, "_", ".", "/" and "-".',
    );
  }
  const name = member(value, 'name') ?? null;
  if (name !== null && typeof name !== 'string') problems.wrongType(`${place}.name`, 'a string', name);
  const rollout = member(value, 'rollout_percentage');
  return { ...value, rollout_percentage: percentage(rollout, `${place}.rollout_percentage`, problems) };
}

function checkHoldout(value: JsonValue | undefined, problems: FilterProblems): void {
  if (value === undefined || value === null) return;
  if (!isObject(value)) {
    problems.wrongType('holdout', 'an object', value);
    return;
  }
  const id = member(value, 'id');
  const isId = (typeof id === 'number' && Number.isSafeInteger(id)) || (id instanceof ExactNumber && isInt64(id.text));
  if (!isId) problems.wrongType('holdout.id', 'a 64-bit integer', id);
  percentage(member(value, 'exclusion_percentage'), 'holdout.exclusion_percentage', problems);
}

function isInt64(text: string): boolean {
  return /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

const enrolment = /^\$feature_enrollment\//;

/** M63: retired members go; super groups that meant enrolment become it. */
function withoutRetired(filters: Record<string, JsonValue>): JsonObject {
  const { holdout_groups: _, super_groups: superGroups, ...kept } = filters;
  if (superGroups === undefined) return kept;
  if (!isEnrolment(superGroups)) return { ...kept, super_groups: superGroups };
  return { ...kept, feature_enrollment: true };
}

function isEnrolment(value: JsonValue): boolean {
  if (!isList(value) || value.length === 0) return false;
  return value.every((group) => {
    const properties = isObject(group) ? member(group, 'properties') : undefined;
    return isList(properties) && properties.length > 0 && properties.every(asksEnrolment);
  });
}

function asksEnrolment(property: JsonValue): boolean {
  const key = isObject(property) ? member(property, 'key') : undefined;
  return typeof key === 'string' && enrolment.test(key);
}
