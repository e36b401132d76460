import { ExactNumber, isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { type FilterDefinition, parseFilter } from './filter.ts';
import { booleanAt, DefinitionError, int32At, listAt, numberAt, objectAt, optional, stringAt } from './reader.ts';

/** One alternative of a flag (E5). `aggregation` is the effective one: a group type index, or `null` for persons. */
export interface ConditionDefinition {
  readonly filters: readonly FilterDefinition[];
  readonly rollout: number;
  readonly variant: string | null;
  readonly aggregation: number | null;
  /** The condition itself names a group type. */
  readonly ownGroup: boolean;
}

export interface VariantDefinition {
  readonly key: string;
  readonly weight: number;
}

export interface HoldoutDefinition {
  /** The 64-bit id as text. */
  readonly id: string;
  readonly exclusion: number;
}

/** The `filters` of a flag in configuration version 1 (E4–E6). */
export interface FiltersV1 {
  readonly version: 1;
  readonly conditions: readonly ConditionDefinition[];
  readonly variants: readonly VariantDefinition[];
  readonly aggregation: number | null;
  readonly payloads: JsonObject | null;
  readonly enrollment: boolean;
  /** The older form of enrollment: decides when the person has any property it asks for (E13). */
  readonly superCondition: ConditionDefinition | null;
  readonly holdout: HoldoutDefinition | null;
  readonly earlyExit: boolean;
}

/** Reads version-1 filters; throws `DefinitionError` on any malformed part, for there is no salvage (E9). */
export function parseFiltersV1(filters: JsonObject): FiltersV1 {
  const aggregation = optional(
    member(filters, 'aggregation_group_type_index'),
    'filters.aggregation_group_type_index',
    int32At,
  );
  const groups = member(filters, 'groups');
  const payloads = member(filters, 'payloads');
  return {
    version: 1,
    conditions:
      groups === undefined
        ? []
        : listAt(groups, 'filters.groups').map((item, i) => parseCondition(item, `filters.groups[${i}]`, aggregation)),
    variants: optional(member(filters, 'multivariate'), 'filters.multivariate', parseVariants) ?? [],
    aggregation,
    payloads: isObject(payloads) ? payloads : null,
    enrollment: optional(member(filters, 'feature_enrollment'), 'filters.feature_enrollment', booleanAt) ?? false,
    superCondition: parseSuperCondition(member(filters, 'super_groups'), aggregation),
    holdout: optional(member(filters, 'holdout'), 'filters.holdout', parseHoldout),
    earlyExit: optional(member(filters, 'early_exit'), 'filters.early_exit', booleanAt) ?? false,
  };
}

function parseCondition(value: JsonValue, path: string, flagAggregation: number | null): ConditionDefinition {
  const object = objectAt(value, path);
  const own = member(object, 'aggregation_group_type_index');
  const aggregation =
    own === undefined ? flagAggregation : optional(own, `${path}.aggregation_group_type_index`, int32At);
  const properties = optional(member(object, 'properties'), `${path}.properties`, listAt) ?? [];
  return {
    filters: properties.map((item, i) => parseFilter(item, `${path}.properties[${i}]`)),
    rollout: optional(member(object, 'rollout_percentage'), `${path}.rollout_percentage`, numberAt) ?? 100,
    variant: optional(member(object, 'variant'), `${path}.variant`, stringAt),
    aggregation,
    ownGroup: typeof own === 'number',
  };
}

/** The first super group; one that cannot be read is ignored like any retired field (E3). */
function parseSuperCondition(value: JsonValue | undefined, aggregation: number | null): ConditionDefinition | null {
  const first = isList(value) ? value[0] : undefined;
  if (first === undefined) return null;
  try {
    return parseCondition(first, 'filters.super_groups[0]', aggregation);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return null;
  }
}

function parseVariants(value: JsonValue, path: string): readonly VariantDefinition[] {
  const variants = listAt(member(objectAt(value, path), 'variants'), `${path}.variants`);
  return variants.map((item, i) => {
    const at = `${path}.variants[${i}]`;
    const object = objectAt(item, at);
    return {
      key: stringAt(member(object, 'key'), `${at}.key`),
      weight: numberAt(member(object, 'rollout_percentage'), `${at}.rollout_percentage`),
    };
  });
}

function parseHoldout(value: JsonValue, path: string): HoldoutDefinition {
  const object = objectAt(value, path);
  return {
    id: int64TextAt(member(object, 'id'), `${path}.id`),
    exclusion: numberAt(member(object, 'exclusion_percentage'), `${path}.exclusion_percentage`),
  };
}

function int64TextAt(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (
    value instanceof ExactNumber &&
    /^-?\d+$/.test(value.text) &&
    BigInt.asIntN(64, BigInt(value.text)) === BigInt(value.text)
  ) {
    return value.text;
  }
  throw new DefinitionError(path, 'must be a 64-bit integer');
}
