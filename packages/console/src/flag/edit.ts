import type { JsonValue } from '@halyard/json';
import type { Condition, Filter, Filters, FlagFields, Variant } from './flag.ts';

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

/** A condition without a share: both 0 and 100 would mislead somebody, so it has to be chosen (K34). */
export function withNewCondition(
  fields: FlagFields,
  condition: Condition = { properties: [], rollout_percentage: Number.NaN },
): FlagFields {
  return withFilters(fields, { groups: [...conditionsOf(fields), condition] });
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
  return (
    Math.round(
      variants.reduce((sum, { rollout_percentage: share }) => sum + (Number.isFinite(share) ? share : 0), 0) * 1e6,
    ) / 1e6
  );
}

export function payloadOf({ filters }: FlagFields, key: string): string {
  const value = filters.payloads?.[key];
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param text JSON, or nothing for no payload */
export function withPayload(fields: FlagFields, key: string, text: string): FlagFields {
  const { [key]: _, ...others } = fields.filters.payloads ?? {};
  const payloads: Record<string, JsonValue> = text === '' ? others : { ...others, [key]: text };
  return withFilters(fields, { payloads });
}

/** What a text is no JSON for; null: it is. */
export function jsonProblem(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
