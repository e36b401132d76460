import type { JsonValue } from '@halyard/json';
import { writeJson } from '../api/exact-json.ts';
import type { Condition, Filter, Filters, FlagFields, Variant } from './flag.ts';
import { percentOf } from './percent.ts';

/** Changes of a draft; each gives a new one. */

export function withFilters(fields: FlagFields, changes: Partial<Filters>): FlagFields {
  return { ...fields, filters: { ...fields.filters, ...changes } };
}

export function conditionsOf({ filters }: FlagFields): readonly Condition[] {
  return filters.groups ?? [];
}

export function variantsOf({ filters }: FlagFields): readonly Variant[] {
  return filters.multivariate?.variants ?? [];
}

export function withCondition(fields: FlagFields, at: number, condition: Condition): FlagFields {
  return withFilters(fields, { groups: conditionsOf(fields).map((one, i) => (i === at ? condition : one)) });
}

/**
 * A condition more. A new one has no share: both 0 and 100 would mislead somebody, so it has to be chosen (K34).
 *
 * @param at where it shall stand; the last place unless given
 */
export function withNewCondition(
  fields: FlagFields,
  condition: Condition = { properties: [], rollout_percentage: Number.NaN },
  at = conditionsOf(fields).length,
): FlagFields {
  return withFilters(fields, { groups: conditionsOf(fields).toSpliced(at, 0, condition) });
}

/** The flag for one user before all others: a first condition with that id (K23). */
export function withTarget(fields: FlagFields, distinctId: string): FlagFields {
  const filter: Filter = { key: 'distinct_id', type: 'person', operator: 'exact', value: [distinctId] };
  return withNewCondition(
    fields,
    { properties: [filter], rollout_percentage: 100, aggregation_group_type_index: null },
    0,
  );
}

/** A condition with the group type that it is about; one that names none has that of the flag (E5). */
export function aggregated(condition: Condition, { filters }: FlagFields): Condition {
  const own = condition['aggregation_group_type_index'];
  if (own !== undefined) return condition;
  return { ...condition, aggregation_group_type_index: filters.aggregation_group_type_index ?? null };
}

export function withoutCondition(fields: FlagFields, at: number): FlagFields {
  return withFilters(fields, { groups: conditionsOf(fields).filter((_, i) => i !== at) });
}

export function withMovedCondition(fields: FlagFields, from: number, to: number): FlagFields {
  const groups = [...conditionsOf(fields)];
  const [moved] = groups.splice(from, 1);
  if (moved !== undefined) groups.splice(to, 0, moved);
  return withFilters(fields, { groups });
}

export function withFilter(condition: Condition, at: number, filter: Filter | null): Condition {
  const properties = (condition.properties ?? []).flatMap((one, i) =>
    i !== at ? [one] : filter === null ? [] : [filter],
  );
  return { ...condition, properties };
}

export function withNewFilter(condition: Condition, filter: Filter): Condition {
  return { ...condition, properties: [...(condition.properties ?? []), filter] };
}

export function withVariants(fields: FlagFields, variants: readonly Variant[]): FlagFields {
  return withFilters(fields, {
    multivariate: variants.length === 0 ? null : { ...fields.filters.multivariate, variants },
  });
}

/** A variant's new key moves its payload and the conditions that pin it. */
export function withRenamedVariant(fields: FlagFields, at: number, key: string): FlagFields {
  const variants = variantsOf(fields);
  const old = variants[at]?.key;
  const renamed = withVariants(
    fields,
    variants.map((variant, i) => (i === at ? { ...variant, key } : variant)),
  );
  if (old === undefined || variants.filter((variant) => variant.key === old).length > 1) return renamed;
  const { payloads, groups } = renamed.filters;
  return withFilters(renamed, {
    ...(payloads === null || payloads === undefined
      ? {}
      : {
          payloads: Object.fromEntries(
            Object.entries(payloads).map(([name, value]) => [name === old ? key : name, value]),
          ),
        }),
    ...(groups === null || groups === undefined
      ? {}
      : { groups: groups.map((group) => (group.variant === old ? { ...group, variant: key } : group)) }),
  });
}

/** Shares that come to 100, as equal as hundredths allow. */
export function equalShares(variants: readonly Variant[]): readonly Variant[] {
  const share = Math.floor(10_000 / variants.length) / 100;
  const rest = 100 - share * (variants.length - 1);
  return variants.map((variant, i) => ({
    ...variant,
    rollout_percentage: i === variants.length - 1 ? Math.round(rest * 100) / 100 : share,
  }));
}

export function shareSum(variants: readonly Variant[]): number {
  const sum = variants.reduce((total, { rollout_percentage: share }) => total + (percentOf(share) || 0), 0);
  return Math.round(sum * 1e6) / 1e6;
}

/**
 * The shares after a border between two variants was moved: what one loses the other gets (K35).
 *
 * @param at of the variant before the border
 * @param border where it is now, in percent of all
 */
export function withMovedBorder(variants: readonly Variant[], at: number, border: number): readonly Variant[] {
  const [left, right] = [variants[at], variants[at + 1]];
  if (left === undefined || right === undefined) return variants;
  const before = variants.slice(0, at).reduce((sum, { rollout_percentage: share }) => sum + percentOf(share), 0);
  const both = percentOf(left.rollout_percentage) + percentOf(right.rollout_percentage);
  const share = Math.min(both, Math.max(0, rounded(border - before)));
  return variants
    .with(at, { ...left, rollout_percentage: share })
    .with(at + 1, { ...right, rollout_percentage: rounded(both - share) });
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

export function payloadOf({ filters }: FlagFields, key: string): string {
  const value = filters.payloads?.[key];
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : writeJson(value);
}

/** @param text JSON, or nothing for no payload */
export function withPayload(fields: FlagFields, key: string, text: string): FlagFields {
  const { [key]: _, ...others } = fields.filters.payloads ?? {};
  const payloads: Record<string, JsonValue> = text === '' ? others : { ...others, [key]: text };
  return withFilters(fields, { payloads });
}

/** A flag of the first kind, on or off, as one with variants: what stood under `true` becomes the payload of the second (K36). */
export function withFirstVariants(fields: FlagFields): FlagFields {
  const payload = payloadOf(fields, 'true');
  const next = withVariants(fields, [
    { key: 'control', name: '', rollout_percentage: 50 },
    { key: 'test', name: '', rollout_percentage: 50 },
  ]);
  return payload === '' ? next : withPayload(withPayload(next, 'true', ''), 'test', payload);
}

/** Without a variant, its payload, and what pins it. Of the last one that goes the payload stays, for the flag that is then on or off. */
export function withoutVariant(fields: FlagFields, at: number): FlagFields {
  const variants = variantsOf(fields);
  const gone = variants[at];
  if (gone === undefined) return fields;
  const rest = variants.toSpliced(at, 1);
  const payload = payloadOf(fields, gone.key);
  const next = withPayload(withVariants(fields, rest), gone.key, '');
  const groups = conditionsOf(next).map((group) => (group.variant === gone.key ? { ...group, variant: null } : group));
  const unpinned = withFilters(next, { groups });
  return rest.length === 0 && payload !== '' ? withPayload(unpinned, 'true', payload) : unpinned;
}
